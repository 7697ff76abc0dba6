// A user: somebody of the household, with or without a sign-in.
import { addDays, daysBetween, type Day } from '../../lib/i18n/days';
import type * as kinds from '../../lib/api/gen/kinds';
import type { Entity } from '../../lib/replica/types';

export type Access = kinds.UserAccess;
export const accesses: readonly Access[] = ['admin', 'member', 'child', 'guest', 'display'];

export type User = kinds.User & Entity;

/** The name among people who know each other. */
export const callName = (user: User | undefined) => user?.shortName || user?.name;

export interface Birthday {
	user: User;
	day: Day;
	/** Undefined when the year of birth is not known. */
	age: number | undefined;
}

/** The birthdays of the days to come, soonest first. */
export function birthdays(users: readonly User[], today: Day, within: number): Birthday[] {
	return users
		.filter(({ birthday }) => birthday && /^\d{4}-\d\d-\d\d/.test(birthday))
		.map((user) => {
			const born = user.birthday!;
			const day = nextAnniversary(born, today);
			const age = +day.slice(0, 4) - +born.slice(0, 4);
			return { user, day, age: age < 130 ? age : undefined };
		})
		.filter(({ day }) => daysBetween(today, day) <= within)
		.sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** 29 February is kept on 1 March where there is none. */
function nextAnniversary(born: Day, today: Day): Day {
	for (const year of [+today.slice(0, 4), +today.slice(0, 4) + 1]) {
		const day = addDays(`${year}-${born.slice(5, 7)}-01`, +born.slice(8, 10) - 1);
		if (day >= today) return day;
	}
	return today;
}
