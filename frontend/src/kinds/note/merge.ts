// Joins two changes of one text, line by line, as the server does when two
// people wrote at once. Here it is needed once: somebody else's change arrived
// while this person was typing.

interface Hunk {
	from: number;
	to: number;
	lines: string[];
}

export interface Merged {
	text: string;
	/** Both changed the same lines; both are kept, theirs first. */
	overlap: boolean;
}

export function merge(base: string, mine: string, theirs: string): Merged {
	if (mine === base || mine === theirs) return { text: theirs, overlap: false };
	if (theirs === base) return { text: mine, overlap: false };
	const lines = base.split('\n');
	const hunks = [
		...diff(lines, theirs.split('\n')).map((hunk) => ({ ...hunk, mine: false })),
		...diff(lines, mine.split('\n')).map((hunk) => ({ ...hunk, mine: true }))
	].sort((a, b) => a.from - b.from || a.to - b.to || Number(a.mine) - Number(b.mine));

	const out: string[] = [];
	let at = 0;
	let overlap = false;
	let last: Hunk | undefined;
	for (const hunk of hunks) {
		if (
			last &&
			last.from === hunk.from &&
			last.to === hunk.to &&
			last.lines.join('\n') === hunk.lines.join('\n')
		)
			continue;
		if (hunk.from < at) overlap = true;
		else out.push(...lines.slice(at, hunk.from));
		out.push(...hunk.lines);
		at = Math.max(at, hunk.to);
		last = hunk;
	}
	out.push(...lines.slice(at));
	return { text: out.join('\n'), overlap };
}

/** The changed runs of lines, by the longest common subsequence. */
function diff(a: readonly string[], b: readonly string[]): Hunk[] {
	const width = b.length + 1;
	const common = new Uint32Array((a.length + 1) * width);
	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--)
			common[i * width + j] =
				a[i] === b[j]
					? common[(i + 1) * width + j + 1]! + 1
					: Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);

	const hunks: Hunk[] = [];
	let [i, j] = [0, 0];
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			i++;
			j++;
			continue;
		}
		const hunk: Hunk = { from: i, to: i, lines: [] };
		while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
			const takeLeft =
				i < a.length && (j >= b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!);
			if (takeLeft) i++;
			else hunk.lines.push(b[j++]!);
		}
		hunk.to = i;
		hunks.push(hunk);
	}
	return hunks;
}
