/** A set that gives random members in constant time for each, however many there are. */
export class SampledSet<Item> {
  private readonly items: Item[] = [];
  private readonly positions = new Map<Item, number>();

  /** @param random a number from 0 up to but not including 1, as Math.random */
  constructor(private readonly random: () => number) {}

  get size(): number {
    return this.items.length;
  }

  has(item: Item): boolean {
    return this.positions.has(item);
  }

  add(item: Item): void {
    if (this.positions.has(item)) return;
    this.positions.set(item, this.items.length);
    this.items.push(item);
  }

  delete(item: Item): void {
    const position = this.positions.get(item);
    if (position === undefined) return;
    this.positions.delete(item);
    const last = this.items.pop() as Item;
    if (last === item) return;
    this.items[position] = last;
    this.positions.set(last, position);
  }

  /** Any member, each as likely as every other; the set must not be empty. */
  any(): Item {
    const { items } = this;
    return items[items.length === 1 ? 0 : Math.floor(this.random() * items.length)] as Item;
  }

  /** Up to `count` different members that pass, at random. Looks at no more than `2 * count + 8` of them. */
  sample(count: number, passes: (item: Item) => boolean = () => true): Item[] {
    const looks = Math.min(this.items.length, 2 * count + 8);
    const chosen: Item[] = [];
    for (let look = 0; look < looks && chosen.length < count; look += 1) {
      // one step of a Fisher-Yates shuffle: the members looked at gather at the front
      this.swap(look, look + Math.floor(this.random() * (this.items.length - look)));
      const item = this.items[look] as Item;
      if (passes(item)) chosen.push(item);
    }
    return chosen;
  }

  private swap(a: number, b: number): void {
    const [first, second] = [this.items[a] as Item, this.items[b] as Item];
    this.items[a] = second;
    this.items[b] = first;
    this.positions.set(second, a);
    this.positions.set(first, b);
  }
}
