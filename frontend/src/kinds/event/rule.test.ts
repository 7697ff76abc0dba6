import { describe, expect, it } from 'vitest';
import { daysOf, parseRule } from './rule';

const days = (rule: string, start: string, from: string, to: string) =>
	daysOf(parseRule(rule)!, start, from, to);

describe('daysOf', () => {
	it.each([
		['FREQ=DAILY;COUNT=3', '2026-11-20', '2026-11-21', '2026-12-31', ['2026-11-21', '2026-11-22']],
		['FREQ=DAILY;INTERVAL=2', '2026-11-01', '2026-11-20', '2026-11-23', ['2026-11-21', '2026-11-23']],
		['FREQ=WEEKLY', '2020-11-21', '2026-11-15', '2026-11-30', ['2026-11-21', '2026-11-28']],
		[
			'FREQ=WEEKLY;BYDAY=TU,TH',
			'2026-11-17',
			'2026-11-18',
			'2026-11-26',
			['2026-11-19', '2026-11-24', '2026-11-26']
		],
		[
			'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO',
			'2026-11-02',
			'2026-11-03',
			'2026-12-01',
			['2026-11-16', '2026-11-30']
		],
		[
			'FREQ=WEEKLY;UNTIL=20261128T000000Z',
			'2026-11-21',
			'2026-11-01',
			'2026-12-31',
			['2026-11-21', '2026-11-28']
		],
		['FREQ=MONTHLY', '2026-01-31', '2026-02-01', '2026-05-31', ['2026-03-31', '2026-05-31']],
		['FREQ=MONTHLY;BYDAY=-1FR', '2026-01-30', '2026-02-01', '2026-03-31', ['2026-02-27', '2026-03-27']],
		['FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-31', '2026-02-01', '2026-03-31', ['2026-02-28', '2026-03-31']],
		['FREQ=YEARLY', '1990-12-24', '2026-01-01', '2027-12-31', ['2026-12-24', '2027-12-24']],
		['FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', '2010-11-25', '2026-01-01', '2026-12-31', ['2026-11-26']],
		['FREQ=YEARLY', '2024-02-29', '2025-01-01', '2028-12-31', ['2028-02-29']],
		['FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2', '2026-01-30', '2026-02-01', '2030-01-01', []]
	])('%s from %s', (rule, start, from, to, want) => {
		expect(days(rule, start, from, to)).toEqual(want);
	});
});

describe('parseRule', () => {
	it.each([
		'FREQ=HOURLY',
		'FREQ=YEARLY;BYWEEKNO=20',
		'FREQ=YEARLY;BYDAY=20MO',
		'FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO',
		''
	])('leaves %j alone', (text) => {
		expect(parseRule(text)).toBeUndefined();
	});
});
