/** What is wrong with a broker's address or its base topic; `undefined` when nothing is. */
export function brokerFault({ url, base }: { readonly url: string; readonly base: string }): string | undefined {
  if (!/^(mqtts?|wss?):\/\/[^/]/.test(url) || !URL.canParse(url)) {
    return `the broker's URL ${JSON.stringify(url)} is not usable: write it as mqtt://host:1883 (or mqtts:, ws:, wss:)`;
  }
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    return "the broker's URL holds a user: move it to the fields below, which Node-RED keeps encrypted";
  }
  // What starts with $ is the broker's own (MQTT 5 §4.7.2).
  if (/[+#\0]|^[$/]|\/$/.test(base)) {
    return `the base topic ${JSON.stringify(base)} is not usable: give one like guaita, without + or # and without a / at its ends`;
  }
  return undefined;
}
