import { idOf, newId } from '../api/id';
import type { Batch, BatchResult, Result } from '../api/api';
import { difference, keyOf, withUnits, type Ref } from './entity';
import { refOf, replacementOf, type Pending, type Refusal } from './pending';
import { Queue } from './queue';
import { redirect, refers } from './references';

/** Bounds of one batch, below the server's. */
const maxBatch = 1000;
const maxBatchBytes = 3 << 20;

/** Numbers that a page may have used without keeping them: those of the next one begin behind. */
const lostBatches = 1000;

interface Flight {
	batch: Batch;
	writes: Pending[];
}

/** An outbox as it is kept beyond the page. */
export interface KeptOutbox {
	replica: number;
	batches: number;
	writes: Pending[];
	/** The batch that was sent and not answered, and the numbers of its writes. */
	flight?: { batch: Batch; seqs: number[] };
}

/** Own writes in order, one batch of them in flight. */
export class Outbox {
	#queue = new Queue();
	#flight: Flight | undefined;
	#replica = newId();
	#batches = 0;
	/** The act of which the last batch took a part. */
	#split: number | undefined;
	#writeSeq: number;
	/** Grows with every change. */
	version = 0;

	/** firstSeq numbers the first write. */
	constructor(firstSeq = 1) {
		this.#writeSeq = firstSeq;
	}

	get size(): number {
		return this.#queue.size;
	}

	get inFlight(): Batch | undefined {
		return this.#flight?.batch;
	}

	get replica(): number {
		return this.#replica;
	}

	/** As it is now, to be kept; undefined when nothing is in it. */
	kept(): KeptOutbox | undefined {
		if (this.size === 0) return undefined;
		const { batch, writes } = this.#flight ?? {};
		return {
			replica: this.#replica,
			batches: this.#batches,
			writes: [...this.#queue.all()],
			...(batch && writes && { flight: { batch, seqs: writes.map(({ seq }) => seq) } })
		};
	}

	/**
	 * Goes on, while nothing is in flight, as one that was kept: what was sent is repeated
	 * under its number, so that the server knows it again. Returns what is written to.
	 */
	resume({ replica, batches, writes, flight }: KeptOutbox): Ref[] {
		this.version++;
		this.#replica = replica;
		this.#batches = batches + lostBatches;
		const later = this.#queue.empty();
		// The acts of this page count up from 1.
		const acts = [...new Set(writes.map(({ act }) => act))];
		const again = new Map<number, Pending>();
		for (const write of writes) {
			const act = acts.indexOf(write.act) - acts.length;
			again.set(write.seq, { ...write, act, seq: this.number() });
		}
		for (const write of [...again.values(), ...later]) this.#queue.append(write);
		if (flight)
			this.#flight = { batch: flight.batch, writes: flight.seqs.flatMap((seq) => again.get(seq) ?? []) };
		return writes.map(refOf);
	}

	/** The number of the next write. */
	number(): number {
		return this.#writeSeq++;
	}

	/** Is another from now on, and empty: what was in it is kept. */
	leave(): Pending[] {
		const all = this.empty();
		this.renumber();
		return all;
	}

	/** The writes to one entity, oldest first. */
	of(key: string): readonly Pending[] {
		return this.#queue.of(key);
	}

	add(write: Omit<Pending, 'seq'>): void {
		this.version++;
		const last = this.of(keyOf(refOf(write))).at(-1);
		const joined = last && this.#join(last, write);
		if (joined) this.#queue.replace(last, joined.write, joined.moves);
		else this.#queue.append({ ...write, seq: this.number() });
	}

	/**
	 * Two successive writes as one, where nobody can tell: neither is in flight and
	 * both saw the same confirmed version. Joined edits go to the place of the later
	 * one, as it may point at something made in between; a creation has to stay.
	 */
	#join(last: Pending, next: Omit<Pending, 'seq'>): { write: Pending; moves: boolean } | undefined {
		if (this.#isSent(last) || last.base !== next.base || !next.units || last.entity.deleted) return undefined;
		if (!last.units && refers(next.kind, next.units)) return undefined;
		const units = last.units && { ...last.units, ...next.units };
		const write = { ...next, seq: last.seq, entity: next.entity, units };
		if (units) return { write, moves: true };
		const entity = { ...withUnits(next.kind, last.entity, next.units), updatedAt: next.entity.updatedAt };
		return { write: { ...last, entity }, moves: false };
	}

	/** The batch in flight, or the next one: whole acts as long as they fit. */
	next(limit = maxBatch): Batch | undefined {
		if (this.#flight) return this.#flight.batch;
		const waiting = this.#queue.all().filter((write) => write.event === undefined);
		const first = waiting[0];
		if (!first) return undefined;
		let bytes = 0;
		let count = 0;
		let whole = 0; // up to the end of the last act that fits
		for (const write of waiting) {
			bytes += JSON.stringify(write.entity).length + 200;
			if (count > 0 && (count === limit || bytes > maxBatchBytes)) break;
			count++;
			if (waiting[count]?.act !== write.act) whole = count;
		}
		const split = whole === 0 || first.act === this.#split;
		const own = split ? waiting.findIndex(({ act }) => act !== first.act) : -1;
		const writes = waiting.slice(0, Math.min(whole || count, own < 0 ? Infinity : own));
		const batch: Batch = {
			replica: this.#replica,
			seq: ++this.#batches,
			replacements: writes.map(replacementOf)
		};
		if (split) batch.act = `${this.#replica}-${first.act}`; // too large for one batch
		this.#split = split ? first.act : undefined;
		this.#flight = { batch, writes };
		this.version++;
		return batch;
	}

	/** Takes the server's answer to the batch in flight; tells what it refused and whose id was taken. */
	answer(result: BatchResult): { refused: Refusal[]; renamed: { from: Ref; to: number }[]; touched: Ref[] } {
		const writes = this.#flight?.writes ?? [];
		this.#flight = undefined;
		this.version++;
		const refused: Refusal[] = [];
		const conflicts: Pending[] = [];
		const touched = writes.map(refOf);
		for (const [i, write] of writes.entries()) {
			const said: Result = result.results[i] ?? {
				status: 'rejected',
				code: 'internal',
				message: 'no answer'
			};
			if (said.status === 'applied' || said.status === 'merged') {
				write.event = result.event.id;
				if (said.status === 'applied') this.#rebase(write, result.event.id);
			} else if (said.code === 'id-conflict' && !write.units && !write.entity.deleted) {
				conflicts.push(write);
			} else if (conflicts.some((made) => keyOf(refOf(made)) === keyOf(refOf(write)))) {
				continue; // written over what gets another id, and goes with it
			} else {
				this.#queue.drop(write);
				refused.push({
					write,
					code: said.code ?? said.status,
					message: said.message ?? '',
					...(said.field === undefined ? {} : { field: said.field })
				});
			}
		}
		const renamed = conflicts.flatMap((write) => this.#rename(refOf(write), newId()));
		return { refused, renamed, touched };
	}

	/** Gives up the batch in flight and takes its first write out, where it is to be blamed. */
	refuse(): Pending | undefined {
		const writes = this.#flight?.writes ?? [];
		this.#flight = undefined;
		this.version++;
		const [only] = writes;
		if (writes.length !== 1 || !only) return undefined;
		this.#queue.drop(only);
		return only;
	}

	/** The server has forgotten this page's numbers: counts anew under another one. */
	renumber(): void {
		this.version++;
		this.#flight = undefined;
		this.#replica = newId();
		this.#batches = 0;
	}

	/** Drops what events up to id confirm; returns it. */
	confirm(id: number): Pending[] {
		const done = this.#queue.all().filter((write) => write.event !== undefined && write.event <= id);
		for (const write of done) this.#queue.drop(write);
		if (done.length > 0) this.version++;
		return done;
	}

	/** After another epoch began: everything is offered again, as seen from what is confirmed now; returns it. */
	rebaseAll(seen: (ref: Ref) => { event: number } | undefined): Ref[] {
		this.renumber();
		const refs = this.#queue.all().map(refOf);
		for (const write of this.#queue.all()) {
			const now = seen(refOf(write));
			write.event = undefined;
			write.base = now?.event ?? 0;
			if (now) continue;
			write.units = undefined;
			// What the server has lost need not be deleted, unless it is made again first.
			const [first] = this.of(keyOf(refOf(write)));
			if (write === first && write.entity.deleted) this.#queue.drop(write);
		}
		return refs;
	}

	/** Takes everything out. */
	empty(): Pending[] {
		this.version++;
		this.#flight = undefined;
		return this.#queue.empty();
	}

	/** An own write that was applied as it came is what later ones were written over. */
	#rebase(done: Pending, event: number): void {
		for (const write of this.of(keyOf(refOf(done)))) {
			if (write.seq > done.seq && write.event === undefined && write.base === done.base) write.base = event;
		}
	}

	/** Gives an entity another id, and whatever derives its id from it, and turns references to it. */
	#rename(from: Ref, to: number): { from: Ref; to: number }[] {
		const renamed = [{ from, to }];
		for (const write of this.#queue.all()) {
			const own = write.kind === from.kind && write.entity.id === from.id;
			const entity = redirect(write.kind, write.entity, from, to);
			if (own) {
				this.#queue.replace(write, { ...write, entity: { ...entity, id: to } }, false);
			} else if (entity !== write.entity) {
				if (write.event !== undefined) {
					// Taken already, pointing at somebody else's: point it right in a write of its own.
					const units = difference(write.kind, write.entity, entity);
					this.#queue.append({
						...write,
						seq: this.number(),
						entity,
						units,
						base: write.event,
						event: undefined
					});
					continue;
				}
				const units = write.units && redirect(write.kind, write.units, from, to);
				this.#queue.replace(write, { ...write, entity, units }, false);
				const derived = write.units ? undefined : idOf(write.kind, entity);
				if (derived !== undefined && derived !== entity.id)
					renamed.push(...this.#rename(refOf(write), derived));
			}
		}
		return renamed;
	}

	#isSent(write: Pending): boolean {
		return write.event !== undefined || (this.#flight?.writes.includes(write) ?? false);
	}
}
