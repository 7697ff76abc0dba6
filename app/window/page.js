// What the window adds to the page. It runs after every load and leaves the
// page's own code alone.
(() => {
	const { runtime, go } = window;

	// Links out of the page open in the system's browser.
	addEventListener('click', (event) => {
		const link = event.target instanceof Element && event.target.closest('a[href]');
		if (!link || event.defaultPrevented || link.protocol === location.protocol) return;
		event.preventDefault();
		runtime.BrowserOpenURL(link.href);
	});

	// The menu presses the page's own keys.
	const press = (init) =>
		document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));

	const field = () => {
		const at = document.activeElement;
		return at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at?.isContentEditable;
	};

	function chosen() {
		const at = document.activeElement;
		if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) {
			return at.value.slice(at.selectionStart ?? 0, at.selectionEnd ?? 0);
		}
		return String(getSelection());
	}

	// While the menu closes and the clipboard answers, a field forgets what was
	// selected in it. The returned function selects it again.
	function keepSelection() {
		const at = document.activeElement;
		const { selectionStart, selectionEnd } = at;
		return () => {
			at.focus();
			if (typeof selectionStart === 'number') at.setSelectionRange(selectionStart, selectionEnd);
		};
	}

	async function cut() {
		const text = chosen();
		const reselect = keepSelection();
		if (!text || !field() || !(await runtime.ClipboardSetText(text))) return;
		reselect();
		document.execCommand('delete');
	}

	async function paste() {
		if (!field()) return;
		const reselect = keepSelection();
		const text = await runtime.ClipboardGetText();
		reselect();
		document.execCommand('insertText', false, text);
	}

	const zoomed = 'inglenook.zoom';
	const zooms = [0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];

	function zoom(by) {
		let at = zooms.indexOf(Number(localStorage.getItem(zoomed)));
		if (at < 0) at = zooms.indexOf(1);
		at = by === 0 ? zooms.indexOf(1) : Math.min(Math.max(at + by, 0), zooms.length - 1);
		localStorage.setItem(zoomed, String(zooms[at]));
		showZoom();
	}

	function showZoom() {
		const by = Number(localStorage.getItem(zoomed)) || 1;
		document.documentElement.style.zoom = by === 1 ? '' : String(by);
	}

	const actions = {
		add: () => press({ key: 'n' }),
		search: () => press({ key: 'k', ctrlKey: true }),
		undo: () => (field() ? document.execCommand('undo') : press({ key: 'z', ctrlKey: true })),
		redo: () => (field() ? document.execCommand('redo') : press({ key: 'y', ctrlKey: true })),
		copy: () => chosen() && runtime.ClipboardSetText(chosen()),
		cut,
		paste,
		all: () => document.execCommand('selectAll'),
		larger: () => zoom(1),
		smaller: () => zoom(-1),
		usual: () => zoom(0)
	};
	runtime.EventsOn('menu', (action) => actions[action]?.());

	// The window remembers the ground, so that its next start does not flash.
	function painted() {
		const ground = getComputedStyle(document.documentElement).backgroundColor;
		void go.window.Page.Request('POST', '/window/painted', JSON.stringify({ ground }), '');
	}

	showZoom();
	requestAnimationFrame(() => requestAnimationFrame(painted));
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', painted);
	new MutationObserver(painted).observe(document.documentElement, { attributeFilter: ['data-theme'] });
})();
