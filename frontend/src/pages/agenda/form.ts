// An event as a person fills it in, and back.
import { durationOf, isAllDay, minutesOf, type Event } from '../../kinds/event/event';
import { addMinutes, minutesBetween } from '../../kinds/event/plan';
import { ourZone } from '../../kinds/event/zones';
import { addDays, dayOf, daysBetween, type Day } from '../../lib/i18n/days';

export const repeats = ['none', 'DAILY', 'WEEKLY', 'BIWEEKLY', 'MONTHLY', 'YEARLY', 'custom'] as const;
export type Repeat = (typeof repeats)[number];

export interface EventForm {
	title: string;
	allDay: boolean;
	from: Day;
	/** The last day, inclusive. */
	to: Day;
	fromTime: string;
	toTime: string;
	repeat: Repeat;
	calendarId: number | undefined;
	participants: NonNullable<Event['participants']>;
	where: string;
	description: string;
}

const rules: Record<Exclude<Repeat, 'none' | 'custom'>, string> = {
	DAILY: 'FREQ=DAILY',
	WEEKLY: 'FREQ=WEEKLY',
	BIWEEKLY: 'FREQ=WEEKLY;INTERVAL=2',
	MONTHLY: 'FREQ=MONTHLY',
	YEARLY: 'FREQ=YEARLY'
};

/** A new event begins at the next full hour and lasts one. */
export function formOf(
	event: Event | undefined,
	day: Day,
	now: Date,
	calendarId: number | undefined
): EventForm {
	const hour = String(Math.min(now.getHours() + 1, 22)).padStart(2, '0');
	const start = event?.start ?? `${day}T${day === dayOf(now) ? hour : '09'}:00:00`;
	const allDay = event ? isAllDay(event) : false;
	const minutes = event ? minutesOf(event.duration) : 60;
	const from = start.slice(0, 10);
	const end = addMinutes(start.length > 10 ? start : `${from}T09:00`, allDay ? 60 : minutes);
	return {
		title: event?.title ?? '',
		allDay,
		from,
		to: allDay ? addDays(from, Math.max(1, Math.round(minutes / 1440)) - 1) : end.slice(0, 10),
		fromTime: start.slice(11, 16) || '09:00',
		toTime: end.slice(11, 16),
		repeat: repeatOf(event?.recurrenceRule),
		calendarId: event?.calendarId ?? calendarId,
		participants: event?.participants ?? {},
		where: '',
		description: event?.description ?? ''
	};
}

/** The fields that differ from the event's, or all that are set for a new one. */
export function patchOf(form: EventForm, event: Event | undefined): Record<string, unknown> {
	const minutes = form.allDay
		? (daysBetween(form.from, form.to) + 1) * 1440
		: minutesBetween(`${form.from}T${form.fromTime}`, `${form.to}T${form.toTime}`);
	const fields: Record<string, unknown> = {
		title: form.title,
		start: form.allDay ? form.from : `${form.from}T${form.fromTime}:00`,
		duration: durationOf(minutes),
		showWithoutTime: form.allDay || undefined,
		timeZone: form.allDay ? undefined : (event?.timeZone ?? ourZone()),
		recurrenceRule:
			form.repeat === 'custom'
				? event?.recurrenceRule
				: form.repeat === 'none'
					? undefined
					: rules[form.repeat],
		participants: Object.keys(form.participants).length ? form.participants : undefined,
		description: form.description.trim() || undefined,
		calendarId: form.calendarId
	};
	// What was written elsewhere may say the same in other words; leave it so.
	if (event) {
		if (form.repeat === repeatOf(event.recurrenceRule)) fields.recurrenceRule = event.recurrenceRule;
		if (minutes === minutesOf(event.duration)) fields.duration = event.duration;
		if (form.allDay === isAllDay(event)) {
			fields.showWithoutTime = event.showWithoutTime;
			fields.timeZone = event.timeZone;
			if (form.allDay && event.start?.startsWith(form.from)) fields.start = event.start;
		}
	}
	return Object.fromEntries(
		Object.entries(fields).filter(([field, value]) =>
			event ? JSON.stringify(event[field]) !== JSON.stringify(value) : value !== undefined
		)
	);
}

function repeatOf(rule: string | undefined): Repeat {
	if (!rule) return 'none';
	const bare = rule.replace(/^RRULE:/, '').replace(/;?(INTERVAL=1|WKST=\w\w)(?=;|$)/g, '');
	const known = Object.entries(rules).find(([, text]) => text === bare);
	return known ? (known[0] as Repeat) : 'custom';
}
