import UserRound from '@lucide/svelte/icons/user-round';
import type { KindUI } from '../kinds';
import { textOf } from '../text';

export const user: KindUI = {
	icon: UserRound,
	title: (user) => textOf(user.name),
	path: () => '#/people',
	fields: ['name', 'shortName', 'color', 'avatar', 'birthday', 'access']
};
