namespace Browser.Tests.Support;

/// <summary>How a person presses what a page offers. Each press is counted; typing is none, and Enter in a box is one.</summary>
internal abstract class Hand(IPage page)
{
    protected IPage Page { get; } = page;

    /// <summary>How often was pressed since the count began.</summary>
    public int Presses { get; private set; }

    /// <summary>Counts from nothing.</summary>
    public void Begin() => Presses = 0;

    /// <summary>Presses a link, a button or a box to tick.</summary>
    public async Task PressAsync(ILocator what)
    {
        Presses++;
        await ReachAsync(what);
        await ActAsync(what);
    }

    /// <summary>Types into a field in place of what stands there.</summary>
    public async Task TypeAsync(ILocator field, string text)
    {
        await ReachAsync(field);
        await field.FillAsync(text);
    }

    /// <summary>Types into a box and sends it by Enter.</summary>
    public async Task FindAsync(ILocator box, string text)
    {
        await TypeAsync(box, text);
        Presses++;
        await Page.Keyboard.PressAsync("Enter");
    }

    protected abstract Task ReachAsync(ILocator what);

    protected abstract Task ActAsync(ILocator what);

    /// <summary>By the mouse.</summary>
    public sealed class OnMouse(IPage page) : Hand(page)
    {
        protected override Task ReachAsync(ILocator what) => Task.CompletedTask;

        protected override Task ActAsync(ILocator what) => what.ClickAsync();
    }

    /// <summary>By the keyboard alone: Tab, Enter and Space; wherever the focus stops on its way, it is seen (WCAG 2.2, 2.4.7 and 2.4.11).</summary>
    public sealed class OnKeyboard(IPage page) : Hand(page)
    {
        // Further than any page is long.
        private const int Stops = 150;

        // What has the focus; whether that is what is looked for; and why it is not seen, if it is not.
        private const string Focus = """
            wanted => {
              const e = document.activeElement, style = getComputedStyle(e);
              if (e === document.body) return { there: false, unseen: null, what: 'the page' };
              const [box] = e.getClientRects(), [x, y] = box ? [box.x + box.width / 2, box.y + Math.min(box.height / 2, 12)] : [-1, -1];
              const hit = document.elementFromPoint(x, y);
              return {
                there: e === wanted, what: e.outerHTML.slice(0, 120),
                unseen: !e.matches(':focus-visible') || style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2 ? 'it has no outline'
                  : !hit ? 'it is outside of the window' : !e.contains(hit) && !hit.contains(e) && !hit.closest('label')?.contains(e) ? `${hit.tagName} is over it` : null,
              };
            }
            """;

        protected override async Task ReachAsync(ILocator what)
        {
            await using var wanted = await what.ElementHandleAsync();
            for (int stop = 0; stop < Stops; stop++)
            {
                var focus = await Page.EvaluateAsync<Focused>(Focus, wanted);
                focus.Unseen.Should().BeNull("the focus is seen at {0}", focus.What);
                if (focus.There) return;
                await Page.Keyboard.PressAsync("Tab");
            }
            throw new InvalidOperationException($"Tab does not lead to {await wanted.EvaluateAsync<string>("e => e.outerHTML")}");
        }

        protected override async Task ActAsync(ILocator what) => await Page.Keyboard.PressAsync(
            await what.EvaluateAsync<bool>("e => e.type === 'checkbox'") ? "Space" : "Enter");

        private sealed record Focused
        {
            public bool There { get; init; }
            public string? Unseen { get; init; }
            public string What { get; init; } = "";
        }
    }
}
