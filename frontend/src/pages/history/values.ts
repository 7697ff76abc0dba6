// A field's value as people read it.
import type { User } from '../../kinds/user/user';
import { kindUI } from '../../kinds/kinds';
import { isAllDay, minutesOf } from '../../kinds/event/event';
import { exactly, longDay, timeOf } from '../../lib/i18n/dates';
import { i18n } from '../../lib/i18n/i18n.svelte';
import type { Live } from '../../lib/replica/live.svelte';
import type { Entity } from '../../lib/replica/types';

const references: Record<string, string> = {
	listId: 'list',
	calendarId: 'calendar',
	categoryId: 'category',
	doneBy: 'user',
	choreId: 'chore',
	eventId: 'event'
};
const people = new Set(['assignees', 'participants', 'userIds']);

export function shown(live: Live, field: string, value: unknown): string {
	const t = i18n.t;
	if (value === undefined || value === null || value === '') return t.history.empty;
	if (typeof value === 'boolean') return value ? t.history.yes : t.history.no;
	const kind = references[field];
	if (kind) {
		const entity = live.get(kind, Number(value));
		return (entity && kindUI(kind).title(entity)) || String(value);
	}
	if (typeof value === 'object') return map(live, field, value);
	if (typeof value !== 'string') return Number(value).toLocaleString(i18n.tag);
	if (field === 'access') return t.people.accesses[value as keyof typeof t.people.accesses] ?? value;
	if (field === 'use') return t.lists.uses[value as keyof typeof t.lists.uses] ?? value;
	if (field === 'duration') return lasts(value);
	if (/^\d{4}-\d\d-\d\d$/.test(value)) return longDay(value);
	if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return exactly(value);
	if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return `${longDay(value.slice(0, 10))}, ${timeOf(value)}`;
	return value;
}

function map(live: Live, field: string, value: object): string {
	const kind = people.has(field) ? 'user' : field === 'places' ? 'place' : undefined;
	if (!kind) return JSON.stringify(value);
	const names = Object.keys(value).map((id) => {
		const entity = live.get<User>(kind, Number(id));
		return entity?.shortName || (entity?.name ?? id);
	});
	return names.join(', ') || i18n.t.history.empty;
}

function lasts(duration: string): string {
	const minutes = minutesOf(duration);
	const parts: [number, Intl.NumberFormatOptions['unit']][] = [
		[Math.floor(minutes / 1440), 'day'],
		[Math.floor((minutes % 1440) / 60), 'hour'],
		[minutes % 60, 'minute']
	];
	return parts
		.filter(([n]) => n > 0)
		.map(([n, unit]) =>
			new Intl.NumberFormat(i18n.tag, { style: 'unit', unit, unitDisplay: 'long' }).format(n)
		)
		.join(', ');
}

/** What one needs to know of a deleted thing, in a line. */
export function summary(live: Live, kind: string, entity: Entity): string {
	const parent = kindUI(kind).parent;
	const container = parent && live.get(parent.kind, Number(entity[parent.field]));
	const words = [
		container && kindUI(parent.kind).title(container),
		kind === 'event' && typeof entity.start === 'string'
			? shown(live, 'start', isAllDay(entity) ? entity.start.slice(0, 10) : entity.start)
			: '',
		typeof entity.description === 'string' ? entity.description : '',
		typeof entity.body === 'string' ? entity.body : ''
	];
	return words.filter(Boolean).join(' · ').slice(0, 240);
}
