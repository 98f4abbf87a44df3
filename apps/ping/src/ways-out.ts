/** As many addresses without a route are asked again. */
const LOST = 3;
/** As many that could be asked lately are asked: one of them shows that there is a way. */
const OPEN = 10;

/**
 * Whether this host has any way out, as far as it has no anchor to tell. A host without a default route and without
 * configured anchors may be a node of a mesh, that has a route to each device: there a route that is gone is how the
 * death of a device looks. Only when no request at all can be sent, none to the devices that lately could be asked
 * either, is it this host that is cut off.
 */
export class WaysOut {
  #lost: readonly string[] = [];
  #open: readonly string[] = [];
  #everOpen = false;
  #blindLooks = 0;

  /** A request could be sent, answered or not. */
  open(address: string): void {
    this.#everOpen = true;
    this.#blindLooks = 0;
    this.#lost = this.#lost.filter((each) => each !== address);
    this.#open = newest(address, this.#open, OPEN);
  }

  /** None could be sent: there is no route. */
  lost(address: string): void {
    this.#open = this.#open.filter((each) => each !== address);
    this.#lost = newest(address, this.#lost, LOST);
  }

  /** The addresses to ask in a look; none while no route is missing. */
  get toAsk(): readonly string[] {
    return this.#lost.length === 0 ? [] : [...this.#lost, ...this.#open];
  }

  /** A look at `toAsk` is over, and a request could be sent to one of them, or to none. */
  looked(isAnyOpen: boolean): void {
    this.#blindLooks = isAnyOpen ? 0 : this.#blindLooks + 1;
    if (!isAnyOpen) return;
    this.#everOpen = true;
    this.#lost = [];
  }

  /** So many looks in a row have found no way. */
  get blindLooks(): number {
    return this.#blindLooks;
  }

  /** No way is known: that there is no route to a device says nothing of the device. */
  get isDoubtful(): boolean {
    return this.#lost.length > 0 && (this.#blindLooks > 0 || !this.#everOpen);
  }
}

function newest(address: string, before: readonly string[], most: number): readonly string[] {
  return [address, ...before.filter((each) => each !== address)].slice(0, most);
}
