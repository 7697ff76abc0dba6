import { describe, expect, test } from 'vitest';
import type { Batch, BatchResult, Change, Replacement } from '../api/api';
import { Unreached, type Answer, type Handlers, type Host } from '../host/host';
import { LocalReplica } from './replica';
import type { Entity, Patch } from './types';

interface Snapshot {
	epoch: number;
	id: number;
	entities: Change[];
}
interface Expected {
	shown?: Record<string, Patch | 'deleted' | null>;
	waiting?: number;
	inFlight?: { ref: string; base: number; changed?: string[]; deleted?: true }[] | null;
	parked?: string[];
	state?: string;
}
interface Step {
	create?: string;
	as?: string;
	fields?: Patch;
	edit?: string;
	patch?: Patch;
	remove?: string;
	restore?: string;
	last?: Entity;
	undo?: true;
	redo?: true;
	event?: number;
	replacements?: Change[];
	answer?: { event: number; results: BatchResult['results'] };
	lose?: true;
	refuse?: { status: number; code: string };
	forget?: string;
	ids?: number[];
	reset?: string;
	to?: Snapshot;
	offline?: true;
	online?: true;
	retry?: number;
	discard?: number;
	crash?: true;
	expect?: Expected;
}
interface Scenario {
	name: string;
	start: Snapshot;
	steps: Step[];
}

const files = import.meta.glob<Scenario>('./scenarios/*.json', { eager: true, import: 'default' });

describe('scenarios', () => {
	test.each(Object.values(files))('$name', async (scenario) => {
		const player = new Player(scenario.start);
		await player.begin();
		for (const [i, step] of scenario.steps.entries()) await player.play(step, `step ${i + 1}`);
	});
});

/** A server that does what the scenario says. */
class ScriptHost implements Host {
	readonly kind = 'memory';
	online = true;
	flight: { batch: Batch; settle: (answer: Answer | Error) => void } | undefined;
	#log: { id: number; replacements: Change[] }[] = [];
	#stream: { handlers: Handlers; cursor: number } | undefined;
	#head: number;

	constructor(private snapshot: Snapshot) {
		this.#head = snapshot.id;
	}

	async request(method: string, path: string, body?: unknown): Promise<Answer> {
		await Promise.resolve();
		if (!this.online) throw new Unreached('offline');
		if (path === '/api/last-event-id')
			return { status: 200, body: { epoch: this.snapshot.epoch, id: this.#head } };
		if (path.startsWith('/api/entities')) return { status: 200, body: structuredClone(this.snapshot) };
		expect(`${method} ${path}`).toBe('POST /api/replacements');
		expect(this.flight, 'one batch in flight').toBeUndefined();
		return new Promise((resolve, reject) => {
			const settle = (answer: Answer | Error) => {
				this.flight = undefined;
				if (answer instanceof Error) reject(answer);
				else resolve(answer);
			};
			this.flight = { batch: structuredClone(body) as Batch, settle };
		});
	}

	subscribe(after: string, handlers: Handlers): () => void {
		const stream = { handlers, cursor: Number(after.split('-')[1]) };
		this.#stream = stream;
		queueMicrotask(() => {
			if (this.#stream === stream) this.#open();
		});
		return () => {
			if (this.#stream === stream) this.#stream = undefined;
		};
	}

	wake(): void {}
	openExternal(): void {}

	event(id: number, replacements: Change[]): void {
		this.#head = id;
		this.#log.push({ id, replacements });
		const changed = new Set(replacements.map((change) => `${change.kind}/${change.entity.id}`));
		const kept = this.snapshot.entities.filter(({ kind, entity }) => !changed.has(`${kind}/${entity.id}`));
		this.snapshot = { ...this.snapshot, id, entities: [...kept, ...replacements] };
		this.#flow();
	}

	reset(reason: string, to: Snapshot): void {
		this.snapshot = to;
		this.#head = to.id;
		this.#log = [];
		this.frame('reset', { reason });
	}

	frame(event: string, data: unknown): void {
		this.#stream?.handlers.frame({ event, data });
	}

	setOnline(online: boolean): void {
		this.online = online;
		if (online) this.#open();
		else this.#stream?.handlers.lost();
	}

	get epoch(): number {
		return this.snapshot.epoch;
	}

	#open(): void {
		if (!this.online) return;
		this.#stream?.handlers.open();
		this.frame('session', { user: { id: 9 }, instance: {} });
		this.#flow();
	}

	#flow(): void {
		const stream = this.#stream;
		if (!stream || !this.online) return;
		for (const { id, replacements } of this.#log) {
			if (id <= stream.cursor) continue;
			stream.cursor = id;
			const data = { by: { userId: 9, sessionId: 9 }, at: '2026-11-21T08:00:00.000Z', replacements };
			stream.handlers.frame({
				event: 'replacements',
				id: `${this.epoch}-${id}`,
				data: structuredClone(data)
			});
		}
	}
}

class Player {
	#host: ScriptHost;
	#kept = new Map<string, string>();
	#names = new Map<string, { kind: string; id: number }>();
	#replica: LocalReplica;

	constructor(start: Snapshot) {
		this.#host = new ScriptHost(start);
		this.#replica = this.#fresh();
	}

	async begin(): Promise<void> {
		this.#replica.start();
		await settled();
	}

	async play(raw: Step, where: string): Promise<void> {
		const replica = this.#replica;
		const step = this.#named(raw);
		if (step.create) {
			const id = replica.create(step.create, step.fields ?? {});
			this.#names.set(`$${step.as}`, { kind: step.create, id });
		}
		if (step.edit) replica.edit(...ref(step.edit), step.patch ?? {});
		if (step.remove) replica.remove(...ref(step.remove));
		if (step.restore && step.last) replica.restore(...ref(step.restore), step.last);
		if (step.undo) expect(replica.undo(), where).toBeDefined();
		if (step.redo) expect(replica.redo(), where).toBeDefined();
		if (step.event) this.#host.event(step.event, step.replacements ?? []);
		if (step.answer) {
			const event = { epoch: this.#host.epoch, id: step.answer.event };
			this.#settle({ status: 200, body: { event, results: step.answer.results } }, where);
		}
		if (step.lose) this.#settle(new Unreached('lost'), where);
		if (step.refuse) this.#settle({ status: step.refuse.status, body: step.refuse }, where);
		if (step.forget) this.#host.frame('forget', { kind: step.forget, ids: step.ids });
		if (step.reset && step.to) this.#host.reset(step.reset, step.to);
		if (step.offline) this.#host.setOnline(false);
		if (step.online) this.#host.setOnline(true);
		if (step.retry) replica.retry(replica.parked[step.retry - 1]!.seq);
		if (step.discard) replica.discard(replica.parked[step.discard - 1]!.seq);
		if (step.crash) {
			replica.stop();
			this.#replica = this.#fresh();
			await this.begin();
		}
		await settled();
		if (raw.expect) this.#expect(this.#named(raw).expect!, where);
	}

	#expect(expected: Expected, where: string): void {
		const replica = this.#replica;
		for (const [name, fields] of Object.entries(expected.shown ?? {})) {
			const shown = replica.get(...ref(name));
			if (fields === null) expect(shown, `${where}: ${name}`).toBeUndefined();
			else if (fields === 'deleted') expect(shown?.deleted, `${where}: ${name}`).toBe(true);
			else {
				expect(shown?.deleted, `${where}: ${name}`).toBeUndefined();
				const has = Object.fromEntries(Object.keys(fields).map((field) => [field, shown?.[field] ?? null]));
				expect(has, `${where}: ${name}`).toEqual(fields);
			}
		}
		if (expected.waiting !== undefined)
			expect(replica.status.waiting, `${where}: waiting`).toBe(expected.waiting);
		if (expected.parked)
			expect(
				replica.parked.map(({ code }) => code),
				`${where}: parked`
			).toEqual(expected.parked);
		if (expected.state) expect(replica.status.state, `${where}: state`).toBe(expected.state);
		if (expected.inFlight !== undefined) {
			const flight = this.#host.flight?.batch.replacements.map(brief) ?? null;
			expect(flight, `${where}: in flight`).toEqual(expected.inFlight);
		}
	}

	#settle(answer: Answer | Error, where: string): void {
		expect(this.#host.flight, `${where}: a batch in flight`).toBeDefined();
		this.#host.flight?.settle(answer);
	}

	/** The step with "$A" turned into ids, as the replica knows them now. */
	#named(step: Step): Step {
		const text = JSON.stringify(step).replace(/"(\$\w+)"/g, (whole, name: string) => this.#id(name) ?? whole);
		return JSON.parse(text.replace(/\/(\$\w+)/g, (_, name: string) => `/${this.#id(name)}`)) as Step;
	}

	#id(name: string): string | undefined {
		const known = this.#names.get(name);
		if (!known) return undefined;
		return String(this.#replica.get(known.kind, known.id)?.id ?? known.id);
	}

	#fresh(): LocalReplica {
		let now = Date.parse('2026-11-21T08:00:00.000Z');
		return new LocalReplica(this.#host, {
			now: () => now++,
			random: () => 1,
			after: () => () => {}, // nothing is tried again unless a step says so
			pause: () => Promise.resolve(),
			keep: {
				getItem: (name) => this.#kept.get(name) ?? null,
				setItem: (name, value) => void this.#kept.set(name, value)
			}
		});
	}
}

function brief({ kind, entity, base, changed }: Replacement) {
	return {
		ref: `${kind}/${entity.id}`,
		base,
		...(changed ? { changed } : {}),
		...(entity.deleted ? { deleted: true } : {})
	};
}

function ref(name: string): [string, number] {
	const [kind = '', id] = name.split('/');
	return [kind, Number(id)];
}

/** Everything that does not wait for the server or for somebody has happened. */
function settled(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}
