import Calendar from '@lucide/svelte/icons/calendar';
import type { KindUI } from '../kinds';
import { textOf } from '../text';

export const event: KindUI = {
	icon: Calendar,
	title: (event) => textOf(event.title),
	path: (event) => (event.start ? `#/agenda/${textOf(event.start).slice(0, 10)}` : '#/agenda'),
	fields: [
		'title',
		'start',
		'duration',
		'showWithoutTime',
		'timeZone',
		'recurrenceRule',
		'places',
		'participants',
		'calendarId',
		'description'
	]
};
