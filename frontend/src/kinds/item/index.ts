import CircleCheck from '@lucide/svelte/icons/circle-check';
import type { KindUI } from '../kinds';
import { textOf } from '../text';

export const item: KindUI = {
	icon: CircleCheck,
	title: (item) => textOf(item.title),
	path: (item) => (item.listId ? `#/lists/${String(item.listId)}` : undefined),
	fields: [
		'title',
		'quantity',
		'unit',
		'done',
		'due',
		'categoryId',
		'assignees',
		'description',
		'listId',
		'orderKey'
	],
	parent: { kind: 'list', field: 'listId' }
};
