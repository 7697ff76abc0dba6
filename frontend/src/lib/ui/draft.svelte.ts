// What a person is typing, kept apart from what arrives meanwhile: a field they
// touched shows their value until they leave or save; the others stay live.

export class Draft<T extends object> {
	#typed = $state.raw<Partial<T>>({});
	#shown: () => T;

	constructor(shown: () => T) {
		this.#shown = shown;
	}

	get<K extends keyof T>(field: K): T[K] {
		return field in this.#typed ? (this.#typed[field] as T[K]) : this.#shown()[field];
	}

	set<K extends keyof T>(field: K, value: T[K]): void {
		this.#typed = { ...this.#typed, [field]: value };
	}

	/** What to write: the touched fields that differ from what is shown now. */
	get patch(): Partial<T> {
		const shown = this.#shown();
		const fields = Object.entries(this.#typed) as [keyof T, T[keyof T]][];
		return Object.fromEntries(
			fields.filter(([field, value]) => JSON.stringify(shown[field]) !== JSON.stringify(value))
		) as Partial<T>;
	}

	get changed(): boolean {
		return Object.keys(this.patch).length > 0;
	}
}
