/** Answer of every list. `nextCursor` null: this was the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}
