/** What a browser keeps beyond the page: IndexedDB as a few promises. */
export class Shelf {
	private constructor(private readonly db: IDBDatabase) {}

	/** Undefined where there is no IndexedDB, or none for this page (private windows of some browsers). */
	static open(factory: IDBFactory | undefined): Promise<Shelf | undefined> {
		return new Promise((resolve) => {
			const none = () => resolve(undefined);
			if (!factory) return none();
			try {
				const opening = factory.open('inglenook', 1);
				opening.onupgradeneeded = () => {
					for (const name of ['keys', 'outboxes']) opening.result.createObjectStore(name);
				};
				opening.onsuccess = () => {
					opening.result.onversionchange = () => opening.result.close();
					resolve(new Shelf(opening.result));
				};
				opening.onerror = opening.onblocked = none;
			} catch {
				none();
			}
		});
	}

	get<T>(place: Place, name: IDBValidKey): Promise<T | undefined> {
		return this.#do(place, 'readonly', (store) => store.get(name) as IDBRequest<T | undefined>);
	}

	/** By name, in the order of names. */
	async all<T>(place: Place): Promise<[name: IDBValidKey, value: T][]> {
		const [names, values] = await Promise.all([
			this.#do(place, 'readonly', (store) => store.getAllKeys()),
			this.#do(place, 'readonly', (store) => store.getAll() as IDBRequest<T[]>)
		]);
		return names.flatMap((name, i) => (i in values ? [[name, values[i] as T] as [IDBValidKey, T]] : []));
	}

	async put(place: Place, name: IDBValidKey, value: unknown): Promise<void> {
		await this.#do(place, 'readwrite', (store) => store.put(value, name));
	}

	async drop(place: Place, name: IDBValidKey): Promise<void> {
		await this.#do(place, 'readwrite', (store) => store.delete(name));
	}

	/** Settles when the transaction has: what was put is there then. */
	#do<T>(place: Place, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			const transaction = this.db.transaction(place, mode, { durability: 'strict' });
			const request = ask(transaction.objectStore(place));
			transaction.oncomplete = () => resolve(request.result);
			transaction.onabort = transaction.onerror = () =>
				reject(new Error(`IndexedDB ${place}`, { cause: transaction.error ?? request.error }));
		});
	}
}

export type Place = 'keys' | 'outboxes';
