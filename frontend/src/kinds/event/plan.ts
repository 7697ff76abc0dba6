// What is on, day by day: events and the dates of recurring ones, computed and
// never stored.
import { groupBy } from '../../lib/ui/groups';
import { addDays, daysBetween, toUTC, fromUTC, type Day } from '../../lib/i18n/days';
import { isAllDay, minutesOf, type Event, type Occurrence } from './event';
import { daysOf, parseRule } from './rule';
import { here, ourZone } from './zones';

/** One event on one day. */
export interface Entry {
	event: Event;
	day: Day;
	allDay: boolean;
	/** The wall clock here; for all-day events a day. */
	start: string;
	/** End, exclusive for days. */
	end: string;
	/** Which of how many days, when it lasts longer than one. */
	part: { day: number; of: number } | undefined;
}

/** The entries in [from, to], by day: whole days first, then by time. */
export function plan(
	events: readonly Event[],
	changed: readonly Occurrence[],
	from: Day,
	to: Day
): Map<Day, Entry[]> {
	const byEvent = groupBy(changed, ({ eventId }) => eventId);
	const days = new Map<Day, Entry[]>();
	for (const event of events) {
		if (!event.start) continue;
		for (const entry of entriesOf(event, byEvent.get(event.id) ?? [], from, to)) {
			const day = days.get(entry.day);
			if (day) day.push(entry);
			else days.set(entry.day, [entry]);
		}
	}
	for (const day of days.values()) day.sort(byTime);
	return new Map([...days].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byTime(a: Entry, b: Entry): number {
	if (a.allDay !== b.allDay) return a.allDay ? -1 : 1;
	return a.start < b.start ? -1 : a.start > b.start ? 1 : a.event.id - b.event.id;
}

function entriesOf(event: Event, changed: readonly Occurrence[], from: Day, to: Day): Entry[] {
	const first = event.start!.slice(0, 10);
	const lengthDays = Math.ceil(minutesOf(event.duration) / 1440) + 1;
	const rule = event.recurrenceRule ? parseRule(event.recurrenceRule) : undefined;
	const begins = rule ? daysOf(rule, first, addDays(from, -lengthDays), addDays(to, 1)) : [first];
	return begins.flatMap((day) => {
		const id = day + event.start!.slice(10);
		const change = changed.find(
			({ recurrenceId }) => recurrenceId && id.startsWith(recurrenceId.slice(0, 16))
		);
		if (change?.excluded) return [];
		const shown = patched({ ...event, start: id }, change?.patch);
		return spread(shown).filter((entry) => entry.day >= from && entry.day <= to);
	});
}

/** The fields of one date laid over the series, one level into maps; null takes away. */
function patched(event: Event, patch: Record<string, unknown> | undefined): Event {
	const fields: Record<string, unknown> = { ...event };
	for (const [path, value] of Object.entries(patch ?? {})) {
		const [field = '', key] = path.split('/', 2);
		if (key === undefined) fields[field] = value ?? undefined;
		else {
			const entries = { ...(fields[field] as Record<string, unknown> | undefined) };
			if (value === null) delete entries[key];
			else entries[key] = value;
			fields[field] = entries;
		}
	}
	return fields as Event;
}

/** The event on each of its days. */
function spread(event: Event): Entry[] {
	const allDay = isAllDay(event);
	const minutes = minutesOf(event.duration);
	const start = allDay ? event.start!.slice(0, 10) : here(event.start!, event.timeZone, ourZone());
	const end = allDay ? addDays(start, Math.max(1, Math.round(minutes / 1440))) : addMinutes(start, minutes);
	const first = start.slice(0, 10);
	// What ends at midnight does not belong to the next day.
	const last =
		allDay || (end.slice(11) === '00:00' && end.slice(0, 10) > first)
			? addDays(end.slice(0, 10), -1)
			: end.slice(0, 10);
	const of = Math.min(daysBetween(first, last) + 1, 366);
	return Array.from({ length: of }, (_, n) => ({
		event,
		day: addDays(first, n),
		allDay: allDay || (n > 0 && n < of - 1),
		start,
		end,
		part: of > 1 ? { day: n + 1, of } : undefined
	}));
}

/** A wall clock some minutes on. */
export function addMinutes(local: string, minutes: number): string {
	const at =
		toUTC(local.slice(0, 10)) + (+local.slice(11, 13) * 60 + +local.slice(14, 16) + minutes) * 60_000;
	return `${fromUTC(at)}T${new Date(at).toISOString().slice(11, 16)}`;
}

/** Minutes from one wall clock to another. */
export function minutesBetween(from: string, to: string): number {
	return Math.round((Date.parse(`${to.slice(0, 16)}:00Z`) - Date.parse(`${from.slice(0, 16)}:00Z`)) / 60_000);
}
