/** What this browser keeps for the page. Where it was told to keep nothing, reading localStorage throws. */
export const kept = {
	read(name: string): string | null {
		try {
			return localStorage.getItem(name);
		} catch {
			return null;
		}
	},

	/** Undefined takes it away. What cannot be kept lasts as long as the page. */
	write(name: string, value: string | undefined): void {
		try {
			if (value === undefined) localStorage.removeItem(name);
			else localStorage.setItem(name, value);
		} catch {
			// Full or switched off.
		}
	}
};
