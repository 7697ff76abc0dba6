// Days as the plain dates they are: 'YYYY-MM-DD', compared as strings, never
// shifted by a zone.

export type Day = string;

const msPerDay = 86_400_000;

export function dayOf(at: Date): Day {
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The local 'YYYY-MM-DDTHH:MM' of an instant. */
export function wallClock(at: Date): string {
	return `${dayOf(at)}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function addDays(day: Day, n: number): Day {
	return fromUTC(toUTC(day) + n * msPerDay);
}

export function daysBetween(from: Day, to: Day): number {
	return Math.round((toUTC(to) - toUTC(from)) / msPerDay);
}

/** Midnight UTC of the day, for arithmetic only. */
export function toUTC(day: Day): number {
	return Date.UTC(+day.slice(0, 4), +day.slice(5, 7) - 1, +day.slice(8, 10));
}

export function fromUTC(ms: number): Day {
	return new Date(ms).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
	return new Date(toUTC(day)).getUTCDay();
}

/** Noon of the day here, for Intl. */
export function noon(day: Day): Date {
	return new Date(+day.slice(0, 4), +day.slice(5, 7) - 1, +day.slice(8, 10), 12);
}

function two(n: number): string {
	return String(n).padStart(2, '0');
}
