using Deque.AxeCore.Commons;

namespace Browser.Tests.Support;

/// <summary>What is held of a page as it stands: nothing is cut or stands out, names keep their direction, and axe-core finds nothing.</summary>
internal static class PageLook
{
    // Every text against the box that it is in; every label beside a value against its column; every name from right to left in a place that
    // keeps its direction to itself.
    private const string Layout = """
        () => {
          const found = [], root = document.documentElement;
          const say = (e, what) => found.push(`${what}: ${e.tagName.toLowerCase()}${e.id && '#' + e.id}${e.className && '.' + e.className} ${e.textContent.trim().slice(0, 20)}`);
          if (root.scrollWidth > root.clientWidth) {
            found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
            [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > root.clientWidth && e.checkVisibility() && !e.closest('thead, svg')).slice(-3).forEach(e => say(e, 'it is too wide'));
          }
          const pen = document.createElement('canvas').getContext('2d'), range = document.createRange();
          const isBound = (text, at) => { const before = text.slice(0, at); return before.lastIndexOf('\u2068') > before.lastIndexOf('\u2069'); };
          const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (words.nextNode()) {
            const text = words.currentNode, e = text.parentElement;
            if (!text.data.trim() || e.closest('script, style, .unseen, .skip, svg, select, textarea') || !e.checkVisibility()) continue;
            const at = text.data.search(/[\u0590-\u08ff]/);
            if (at >= 0 && !e.closest('bdi, [dir=auto]') && !isBound(text.data, at)) say(e, 'its direction is not kept');
            if (getComputedStyle(e).textOverflow === 'ellipsis') continue;
            range.selectNodeContents(text);
            const box = e.closest('td, th, button, .button, .badge, .card, main, nav, header, body').getBoundingClientRect();
            for (const r of range.getClientRects()) if (r.width && (r.right > box.right + 1 || r.left < box.left - 1)) { say(e, 'its text stands out'); break; }
          }
          for (const e of document.body.querySelectorAll('*')) {
            const style = getComputedStyle(e);
            if (!e.checkVisibility() || e.closest('.unseen, svg, thead') || /^(INPUT|SELECT|TEXTAREA|OPTION)$/.test(e.tagName)) continue;
            if (style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1) say(e, 'it is cut');
            const label = e.dataset.label && getComputedStyle(e, '::before');
            if (!label || label.content === 'none' || label.position !== 'absolute') continue;
            pen.font = label.font;
            if (pen.measureText(e.dataset.label).width > parseFloat(style.paddingLeft)) say(e, 'its label is over its value');
          }
          return found;
        }
        """;

    // Axe stays on the page after it ran once; what passes is not asked for.
    private const string Axe = """
        async rules => {
          if (!window.axe) return null;
          const found = await axe.run(document, { resultTypes: ['violations'], ...(rules ? { runOnly: { type: 'rule', values: rules } } : {}) });
          return found.violations.map(v => `${v.id}, ${v.help}: ${v.nodes.map(n => n.html).join(' ')}`);
        }
        """;

    private static readonly string AxeSource = new BundledAxeScriptProvider().GetScript();

    /// <summary>What does not fit.</summary>
    public static Task<string[]> MisfitsAsync(this IPage page) => page.EvaluateAsync<string[]>(Layout);

    /// <summary>What axe-core finds, by all of its rules or by these.</summary>
    public static async Task<string[]> ViolationsAsync(this IPage page, params string[] rules)
    {
        if (await page.EvaluateAsync<string[]?>(Axe, rules is [] ? null : rules) is { } found) return found;
        await page.EvaluateAsync(AxeSource);
        return await page.EvaluateAsync<string[]>(Axe, rules is [] ? null : rules);
    }
}
