// A note's text as HTML. Only prose.svelte.ts imports this: the libraries weigh
// a fifth of the page, and most screens show no Markdown.
import DOMPurify from 'dompurify';
import { marked } from 'marked';

const purifier = DOMPurify(window);
// Done while cleaning: what is cleaned is trusted as it is, and no text can be cut out of it later.
purifier.addHook('afterSanitizeAttributes', (node) => {
	if (node.nodeName === 'INPUT') node.removeAttribute('disabled');
});

/** Safe HTML; tick boxes come out enabled and in the order of the text. */
export function render(body: string) {
	const html = marked.parse(body, { async: false, gfm: true, breaks: true });
	return purifier.sanitize(html, {
		USE_PROFILES: { html: true },
		FORBID_TAGS: ['style', 'form', 'button', 'textarea', 'select'],
		// A page of the household fetches nothing from strangers, and styles are forbidden by policy anyway.
		FORBID_ATTR: ['style', 'srcset', 'id', 'name'],
		// The policy of the page takes nothing else as HTML.
		RETURN_TRUSTED_TYPE: true
	});
}
