// The part of RFC 5545 recurrence that households use, over plain days. A rule
// with anything else in it is shown as its first date only, never wrongly.
import { addDays, daysBetween, fromUTC, toUTC, weekday, type Day } from '../../lib/i18n/days';

export interface Rule {
	freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
	interval: number;
	count?: number;
	until?: Day;
	/** Weekday 0…6, Sunday 0; nth within the month, negative from its end, 0 for every. */
	byDay: { weekday: number; nth: number }[];
	byMonth: number[];
	byMonthDay: number[];
	weekStart: number;
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const understood = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTH', 'BYMONTHDAY', 'WKST']);
// A rule that matches nothing (30 February) must end.
const mostPeriods = 12_000;

export function parseRule(text: string): Rule | undefined {
	const parts = new Map(
		text
			.replace(/^RRULE:/i, '')
			.toUpperCase()
			.split(';')
			.filter(Boolean)
			.map((part) => part.split('=', 2) as [string, string])
	);
	if (![...parts.keys()].every((key) => understood.has(key))) return undefined;
	const freq = parts.get('FREQ') ?? '';
	if (freq !== 'DAILY' && freq !== 'WEEKLY' && freq !== 'MONTHLY' && freq !== 'YEARLY') return undefined;
	const numbers = (key: string) => parts.get(key)?.split(',').map(Number) ?? [];
	const byDay = (parts.get('BYDAY')?.split(',') ?? []).map((part) => ({
		weekday: weekdays.indexOf(part.slice(-2)),
		nth: Number(part.slice(0, -2) || 0)
	}));
	const until = parts.get('UNTIL');
	const rule: Rule = {
		freq,
		interval: Math.max(1, numbers('INTERVAL')[0] ?? 1),
		count: numbers('COUNT')[0],
		until: until && `${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}`,
		byDay,
		byMonth: numbers('BYMONTH'),
		byMonthDay: numbers('BYMONTHDAY'),
		weekStart: Math.max(0, weekdays.indexOf(parts.get('WKST') ?? 'MO'))
	};
	const sound = byDay.every((day) => day.weekday >= 0 && Number.isInteger(day.nth));
	// The nth weekday of a whole year is beyond us.
	const nthOfYear = freq === 'YEARLY' && rule.byMonth.length === 0 && byDay.length > 0;
	return sound && !nthOfYear ? rule : undefined;
}

/** The days in [from, to] on which something that first happens on start happens. */
export function daysOf(rule: Rule, start: Day, from: Day, to: Day): Day[] {
	const last = rule.until && rule.until < to ? rule.until : to;
	const days: Day[] = [];
	let seen = 0;
	// With a count every date since the start counts; without one we may jump ahead.
	let period = rule.count === undefined ? periodsBefore(rule, start, from) : 0;
	for (let tries = 0; tries < mostPeriods; tries++, period++) {
		const { begin, candidates } = periodDays(rule, start, period);
		if (begin > last) break;
		for (const day of candidates) {
			if (day < start) continue;
			if (day > last || (rule.count !== undefined && ++seen > rule.count)) return days;
			if (day >= from) days.push(day);
		}
	}
	return days;
}

function periodsBefore(rule: Rule, start: Day, from: Day): number {
	const lengthDays = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[rule.freq] * rule.interval;
	return Math.max(0, Math.floor(daysBetween(start, from) / lengthDays) - 2);
}

function periodDays(rule: Rule, start: Day, period: number): { begin: Day; candidates: Day[] } {
	const step = period * rule.interval;
	switch (rule.freq) {
		case 'DAILY': {
			const day = addDays(start, step);
			return { begin: day, candidates: fits(rule, day) ? [day] : [] };
		}
		case 'WEEKLY': {
			const begin = addDays(start, step * 7 - ((weekday(start) - rule.weekStart + 7) % 7));
			const wanted = rule.byDay.length ? rule.byDay.map((day) => day.weekday) : [weekday(start)];
			const week = Array.from({ length: 7 }, (_, n) => addDays(begin, n));
			return {
				begin,
				candidates: week.filter((day) => wanted.includes(weekday(day)) && inMonths(rule, day))
			};
		}
		case 'MONTHLY': {
			const begin = monthAt(+start.slice(0, 4), +start.slice(5, 7) - 1 + step);
			return { begin, candidates: inMonths(rule, begin) ? monthDays(rule, begin, start) : [] };
		}
		case 'YEARLY': {
			const year = +start.slice(0, 4) + step;
			const months = rule.byMonth.length ? rule.byMonth : [+start.slice(5, 7)];
			const candidates = months
				.toSorted((a, b) => a - b)
				.flatMap((month) => monthDays(rule, monthAt(year, month - 1), start));
			return { begin: monthAt(year, 0), candidates };
		}
	}
}

/** The days of the month that the rule names, in order. */
function monthDays(rule: Rule, first: Day, start: Day): Day[] {
	const length = daysBetween(first, monthAt(+first.slice(0, 4), +first.slice(5, 7)));
	const month = Array.from({ length }, (_, n) => addDays(first, n));
	if (!rule.byDay.length && !rule.byMonthDay.length)
		return month.filter((day) => day.slice(8) === start.slice(8, 10));
	return month.filter((day, n) => {
		const byDay = rule.byDay.some(
			({ weekday: wanted, nth }) =>
				weekday(day) === wanted &&
				(nth === 0 || nth === Math.floor(n / 7) + 1 || nth === -Math.floor((length - 1 - n) / 7) - 1)
		);
		const byMonthDay = rule.byMonthDay.some((wanted) =>
			wanted > 0 ? wanted === n + 1 : length + wanted === n
		);
		return (!rule.byDay.length || byDay) && (!rule.byMonthDay.length || byMonthDay);
	});
}

function fits(rule: Rule, day: Day): boolean {
	const byDay = !rule.byDay.length || rule.byDay.some((wanted) => wanted.weekday === weekday(day));
	const byMonthDay = !rule.byMonthDay.length || rule.byMonthDay.includes(+day.slice(8, 10));
	return byDay && byMonthDay && inMonths(rule, day);
}

const inMonths = (rule: Rule, day: Day) => !rule.byMonth.length || rule.byMonth.includes(+day.slice(5, 7));

/** The first of a month counted on beyond the year. */
function monthAt(year: number, month: number): Day {
	return fromUTC(Date.UTC(year, month, 1));
}

/** The first of the month some months on. */
export function addMonths(day: Day, n: number): Day {
	const at = new Date(toUTC(day));
	return monthAt(at.getUTCFullYear(), at.getUTCMonth() + n);
}
