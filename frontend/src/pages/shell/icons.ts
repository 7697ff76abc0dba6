import CalendarDays from '@lucide/svelte/icons/calendar-days';
import House from '@lucide/svelte/icons/house';
import ListTodo from '@lucide/svelte/icons/list-todo';
import NotebookText from '@lucide/svelte/icons/notebook-text';
import Settings from '@lucide/svelte/icons/settings';
import Tablet from '@lucide/svelte/icons/tablet-smartphone';
import Trash2 from '@lucide/svelte/icons/trash-2';
import UsersRound from '@lucide/svelte/icons/users-round';
import type { Component } from 'svelte';
import type { Destination } from '../../router.svelte';

export const icons: Record<Destination, Component<{ size?: number | string }>> = {
	today: House,
	agenda: CalendarDays,
	lists: ListTodo,
	notes: NotebookText,
	people: UsersRound,
	trash: Trash2,
	devices: Tablet,
	settings: Settings
};
