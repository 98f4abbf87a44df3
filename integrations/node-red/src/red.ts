/** A message of a flow. */
export type Message = Record<string, unknown>;

/** The dot below a node in the editor. */
export interface Status {
  readonly fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape?: 'ring' | 'dot';
  readonly text?: string;
}

/** Hands messages on: one, or one for each output (`null`: none). */
export type Send = (messages: Message | readonly (Message | null)[]) => void;

/** Ends the handling of a message; with an error, which goes to the flow's catch nodes. */
export type Done = (error?: Error) => void;

/** A node as Node-RED makes it (https://nodered.org/docs/creating-nodes/node-js): what we use of it. */
export interface RedNode {
  readonly id: string;
  readonly credentials?: Readonly<Record<string, string | undefined>>;
  on(event: 'input', handler: (message: Message, send: Send, done: Done) => void): void;
  on(event: 'close', handler: (done: Done) => void): void;
  send: Send;
  status(status: Status): void;
  warn(text: string): void;
  error(text: string): void;
}

/** How a kind of nodes is made: called with the node as `this`. */
export type NodeConstructor<Config> = (this: RedNode, config: Config) => void;

/** What Node-RED gives to whom it loads: what we use of it. */
export interface Red {
  readonly nodes: {
    createNode(node: RedNode, config: unknown): void;
    getNode(id: string): unknown;
    registerType<Config>(
      type: string,
      constructor: NodeConstructor<Config>,
      options?: { readonly credentials: Readonly<Record<string, { readonly type: 'text' | 'password' }>> },
    ): void;
  };
}
