import { newId } from '../../api/id';
import type { MemoryServer } from './server';

type Fields = Record<string, unknown>;

/** Fills a server with a family of five; many: with more of it than anybody has. */
export function family(server: MemoryServer, today: Date, many: boolean): { anna: number } {
	const seed = new Seed(server);
	const anna = seed.add('user', {
		name: 'Anna',
		color: '#c8553d',
		avatar: '🦊',
		birthday: '1984-03-12',
		access: 'admin'
	});
	const by = { userId: anna, sessionId: 900 };
	seed.by = by;
	seed.add(
		'household',
		{ name: 'Lindner', timeZone: 'Europe/Berlin', locale: 'de-DE', weekStart: 'mo', trashDays: 30 },
		1
	);
	const ben = seed.add('user', {
		name: 'Ben',
		color: '#3d7ea6',
		avatar: '🐻',
		birthday: '1982-11-24',
		access: 'member'
	});
	seed.add('user', { name: 'Oma', color: '#8a6fae', avatar: '🌷', birthday: '1951-06-02', access: 'member' });
	const leo = seed.add('user', {
		name: 'Leo',
		color: '#4f9d69',
		avatar: '🦖',
		birthday: '2015-12-01',
		access: 'child'
	});
	const mia = seed.add('user', {
		name: 'Mia',
		color: '#d9a441',
		avatar: '🦄',
		birthday: '2018-08-19',
		access: 'child'
	});

	const dairy = seed.add('category', { name: 'Dairy', use: 'aisle', color: '#7aa5c9', orderKey: 'a1' });
	const greens = seed.add('category', {
		name: 'Fruit and vegetables',
		use: 'aisle',
		color: '#6a9f58',
		orderKey: 'a0'
	});
	const groceries = seed.add('list', {
		title: 'Groceries',
		use: 'shopping',
		icon: '🛒',
		color: '#c8553d',
		orderKey: 'a0'
	});
	seed.items(groceries, [
		{ title: 'Milk', quantity: 2, unit: 'l', categoryId: dairy },
		{ title: 'Butter', categoryId: dairy },
		{ title: 'Apples', quantity: 1.5, unit: 'kg', categoryId: greens },
		{ title: 'Leeks', quantity: 3, categoryId: greens },
		{ title: 'Flour', quantity: 1, unit: 'kg' },
		{ title: 'Dishwasher tabs', description: 'The ones without plastic.' },
		{ title: 'Bread', done: true, doneAt: at(today, -1), doneBy: ben },
		{ title: 'Eggs', quantity: 10, done: true, doneAt: at(today, -1), doneBy: anna }
	]);
	const home = seed.add('list', {
		title: 'Around the house',
		use: 'todo',
		icon: '🔧',
		color: '#3d7ea6',
		orderKey: 'a1'
	});
	seed.items(home, [
		{ title: 'Bleed the radiators', due: day(today, 0), assignees: { [ben]: true } },
		{ title: 'Descale the kettle', due: day(today, -2) },
		{ title: 'Renew the library cards', due: day(today, 5), assignees: { [anna]: true } },
		{ title: 'Fix the squeaking door' }
	]);
	const trip = seed.add('list', {
		title: 'Packing for the Harz',
		use: 'packing',
		icon: '🎒',
		orderKey: 'a2'
	});
	seed.items(
		trip,
		['Rain jackets', 'Torch', 'Board games', 'Thermos', 'First-aid kit'].map((title) => ({ title }))
	);
	seed.add('list', { title: 'Moving house, 2024', use: 'todo', icon: '📦', archived: true, orderKey: 'a3' });

	seed.add('note', {
		title: 'Wi-Fi and the boiler',
		body: '**Guest network:** `hearth-guest`\n\n1. Boiler pressure between 1 and 1.5 bar\n2. Plumber: Herr Voigt',
		pinned: true,
		orderKey: 'a0'
	});
	seed.add('note', {
		title: 'Saturday',
		body: '- [x] Book the table\n- [ ] Ask Oma about the cake\n- [ ] Find the lanterns',
		orderKey: 'a1'
	});
	const calendar = seed.add('calendar', { name: 'Family', color: '#c8553d' });
	const event = (fields: Fields) =>
		seed.add('event', { calendarId: calendar, timeZone: 'Europe/Berlin', ...fields });
	event({
		title: 'Dentist, Leo',
		start: `${day(today, 0)}T15:30:00`,
		duration: 'PT45M',
		participants: { [leo]: {}, [anna]: { roles: { bring: true } } }
	});
	event({
		title: 'Choir',
		start: `${day(today, -14)}T19:30:00`,
		duration: 'PT2H',
		recurrenceRule: 'FREQ=WEEKLY',
		participants: { [anna]: {} }
	});
	event({ title: 'School closed', start: day(today, 3), showWithoutTime: true, duration: 'P1D' });
	event({ title: 'Weekend in the Harz', start: day(today, 6), showWithoutTime: true, duration: 'P3D' });
	event({
		title: 'Swimming, Mia',
		start: `${day(today, 1)}T16:00:00`,
		duration: 'PT1H',
		participants: { [mia]: {} }
	});
	const chore = seed.add('chore', { title: 'Take out the bins', start: day(today, -30), effort: 5 });
	seed.add('completion', {
		choreId: chore,
		due: day(today, -1),
		status: 'done',
		userIds: { [leo]: {} },
		at: at(today, -1)
	});

	const gone = seed.items(groceries, [{ title: 'Fondue cheese' }, { title: 'Candles' }]);
	for (const id of gone) seed.remove('item', id);
	if (many) much(seed);
	return { anna };
}

function much(seed: Seed): void {
	const goods = [
		'Milk',
		'Rolls',
		'Yogurt',
		'Soda',
		'Tropical fruit',
		'Sausage',
		'Whipped cream',
		'Root vegetables'
	];
	for (let basket = 1; basket <= 2000; basket++) {
		const list = seed.add('list', {
			title: `Basket ${basket}`,
			use: 'shopping',
			orderKey: `b${String(basket).padStart(5, '0')}V`
		});
		seed.items(
			list,
			goods.slice(0, 1 + (basket % goods.length)).map((title) => ({ title, done: true }))
		);
	}
	const long = seed.add('list', { title: 'A very long list', use: 'todo', orderKey: 'a05' });
	seed.items(
		long,
		Array.from({ length: 3000 }, (_, i) => ({ title: `Thing number ${i + 1}` }))
	);
}

class Seed {
	by = { userId: 0, sessionId: 900 };
	#seq = 0;
	#replica = newId();

	constructor(private readonly server: MemoryServer) {}

	add(kind: string, fields: Fields, id = newId()): number {
		this.#push([{ kind, id, fields }]);
		return id;
	}

	items(listId: number, items: Fields[]): number[] {
		const made = items.map((fields, i) => {
			const orderKey = `a${String(i).padStart(4, '0')}V`;
			return { kind: 'item', id: newId(), fields: { listId, orderKey, ...fields } };
		});
		this.#push(made);
		return made.map(({ id }) => id);
	}

	remove(kind: string, id: number): void {
		this.#push([{ kind, id, fields: { deleted: true } }], this.server.head.id);
	}

	#push(made: { kind: string; id: number; fields: Fields }[], base = 0): void {
		const updatedAt = new Date(this.server.now()).toISOString();
		const replacements = made.map(({ kind, id, fields }) => ({
			kind,
			base,
			entity: { id, updatedAt, ...fields }
		}));
		this.server.push({ replica: this.#replica, seq: ++this.#seq, replacements }, this.by);
	}
}

/** A day as YYYY-MM-DD, in the zone of the person at the screen. */
function day(today: Date, ahead: number): string {
	const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() + ahead, 12);
	return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

function at(today: Date, ahead: number): string {
	return new Date(today.getTime() + ahead * 86_400_000).toISOString();
}
