import { describe, expect, it } from 'vitest';
import { loginOf, type Errand } from './elsewhere';

const errand: Errand = { method: 'home', purpose: 'login', back: '#/' };

describe('what another site answers', () => {
	it('is a code and the state it was asked with', () => {
		expect(loginOf('code=4%2F0A&state=s1', errand)).toEqual({ code: '4/0A', state: 's1' });
	});

	it('is nothing when it turned the person away', () => {
		expect(loginOf('error=access_denied&state=s1', errand)).toBeUndefined();
	});

	it('is Telegram’s fields as text, with the state the page has kept', () => {
		const fields = { id: 42, first_name: 'Jürgen', auth_date: 1_760_000_000, hash: 'ab' };
		const base64url = Buffer.from(JSON.stringify(fields)).toString('base64url');
		expect(loginOf(`telegram=${base64url}`, { ...errand, state: 's2' })).toEqual({
			telegram: { id: '42', first_name: 'Jürgen', auth_date: '1760000000', hash: 'ab' },
			state: 's2'
		});
	});

	it('is nothing when Telegram’s fields are none', () => {
		expect(loginOf('telegram=!', errand)).toBeUndefined();
	});
});
