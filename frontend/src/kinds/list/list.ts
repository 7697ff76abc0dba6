// A list: groceries, packing, what the house needs.
import type * as kinds from '../../lib/api/gen/kinds';
import type { Entity } from '../../lib/replica/types';

export const listUses: readonly kinds.ListUse[] = ['shopping', 'todo', 'packing', 'wish'];

export type List = kinds.List & Entity;

/** Groceries and what is packed is got; the rest is done. */
export const isShopping = (list: List) => list.use === 'shopping';
