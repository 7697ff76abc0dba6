export type Group = 'signin' | 'session' | 'method' | 'people';

const starts: Record<string, Group> = {
	signin: 'signin',
	session: 'session',
	access: 'session',
	method: 'method',
	user: 'people',
	audience: 'people',
	invitation: 'people',
	request: 'people',
	account: 'people'
};

/** What a kind of record is about, by its first word. */
export function groupOf(kind: string): Group | undefined {
	return starts[kind.split('.')[0] ?? ''];
}
