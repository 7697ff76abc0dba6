// Dates and times as people write them, in the language of the page.
import { daysBetween, dayOf, noon, type Day } from './days';
import { i18n } from './i18n.svelte';

const made = new Map<string, Intl.DateTimeFormat>();

/** Building a formatter costs more than a hundred uses of it. */
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = i18n.tag + JSON.stringify(options);
	let format = made.get(key);
	if (!format) made.set(key, (format = new Intl.DateTimeFormat(i18n.tag, options)));
	return format;
}

export const weekdayName = (day: Day) => formatter({ weekday: 'long' }).format(noon(day));

export const weekdayShort = (day: Day) => formatter({ weekday: 'short' }).format(noon(day));

/** 21 November */
export const dayMonth = (day: Day) => formatter({ day: 'numeric', month: 'long' }).format(noon(day));

/** Sat, 21 Nov; with the year when it is not this one. */
export function shortDay(day: Day, today: Day): string {
	const year = day.slice(0, 4) === today.slice(0, 4) ? undefined : ('numeric' as const);
	return formatter({ weekday: 'short', day: 'numeric', month: 'short', year }).format(noon(day));
}

export const longDay = (day: Day) => formatter({ dateStyle: 'long' }).format(noon(day));

export const monthName = (day: Day) => formatter({ month: 'long', year: 'numeric' }).format(noon(day));

/** Time of day of a local 'YYYY-MM-DDTHH:MM…'. */
export function timeOf(local: string): string {
	const at = noon(local.slice(0, 10));
	at.setHours(+local.slice(11, 13), +local.slice(14, 16));
	return formatter({ timeStyle: 'short' }).format(at);
}

/** today, tomorrow, yesterday, or the short day. */
export function nearDay(day: Day, today: Day): string {
	const n = daysBetween(today, day);
	if (Math.abs(n) > 1) return shortDay(day, today);
	return new Intl.RelativeTimeFormat(i18n.tag, { numeric: 'auto' }).format(n, 'day');
}

/** 14:05 today, else day and time. at: RFC 3339. */
export function moment(at: string, now: Date): string {
	const then = new Date(at);
	const time = formatter({ timeStyle: 'short' }).format(then);
	const day = dayOf(then);
	return day === dayOf(now) ? time : `${nearDay(day, dayOf(now))}, ${time}`;
}

/** All of it, for a tooltip. */
export const exactly = (at: string) =>
	formatter({ dateStyle: 'full', timeStyle: 'medium' }).format(new Date(at));

/** Monday … Sunday by number, 0 is Sunday. */
export const weekdayByNumber = (n: number) => weekdayName(`2023-01-0${n + 1}`);

export function count(n: number): string {
	return n.toLocaleString(i18n.tag);
}
