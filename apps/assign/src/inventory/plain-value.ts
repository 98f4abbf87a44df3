/** A plain scalar as the YAML 1.2 core schema reads it (YAML 1.2.2 §10.3.2). */
export function plainValue(text: string): unknown {
  if (!/^[-+.\d~nNtTfF]|^$/.test(text)) return text;
  if (/^(~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(text) || /^0(o[0-7]+|x[\da-f]+)$/i.test(text)) return Number(text);
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^\.(nan|NaN|NAN)$/.test(text) ? NaN : text;
}
