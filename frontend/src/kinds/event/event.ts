// An event of a calendar.
import type * as kinds from '../../lib/api/gen/kinds';
import type { Entity } from '../../lib/replica/types';

export type Calendar = kinds.Calendar & Entity;
export type Event = kinds.Event & Entity;
/** A changed or left-out date of a recurring event. */
export type Occurrence = kinds.Occurrence & Entity;

export const isAllDay = (event: Pick<Event, 'start' | 'showWithoutTime'> | Entity) =>
	event.showWithoutTime === true || String(event.start ?? '').length <= 10;

/** Minutes of an ISO 8601 duration without months and years; 0 when there is none. */
export function minutesOf(duration: string | undefined): number {
	const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?$/.exec(duration ?? '');
	if (!match) return 0;
	const [weeks, days, hours, minutes] = match.slice(1).map((part) => Number(part ?? 0));
	return ((weeks! * 7 + days!) * 24 + hours!) * 60 + minutes!;
}

/** ISO 8601, days and the rest of the time apart. */
export function durationOf(minutes: number): string {
	const days = Math.floor(minutes / 1440);
	const hours = Math.floor((minutes % 1440) / 60);
	const rest = minutes % 60;
	const time = (hours ? `${hours}H` : '') + (rest ? `${rest}M` : '');
	return `P${days ? `${days}D` : ''}${time ? `T${time}` : ''}${days || time ? '' : 'T0M'}`;
}
