import ListTodo from '@lucide/svelte/icons/list-todo';
import type { KindUI } from '../kinds';
import { textOf } from '../text';

export const list: KindUI = {
	icon: ListTodo,
	title: (list) => textOf(list.title),
	path: (list) => `#/lists/${list.id}`,
	fields: ['title', 'use', 'color', 'icon', 'archived', 'orderKey', 'audience']
};
