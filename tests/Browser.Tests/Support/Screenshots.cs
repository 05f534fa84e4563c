namespace Browser.Tests.Support;

/// <summary>Pictures for somebody to look at, in the folder that <c>BROWSER_TESTS_SCREENSHOTS</c> names; without it none are taken.</summary>
internal static class Screenshots
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("BROWSER_TESTS_SCREENSHOTS");

    public static bool AreWanted => !string.IsNullOrEmpty(Folder);

    public static async Task TakeAsync(IPage page, string name)
    {
        if (!AreWanted) return;
        byte[] picture = await page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, $"{name}.png"), FullPage = true });
        picture.Should().NotBeEmpty();
    }
}

/// <summary>A theory that does nothing but take pictures, left out where none are wanted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PicturesTheoryAttribute : TheoryAttribute
{
    public PicturesTheoryAttribute() =>
        Skip = new NeedsChromiumTheoryAttribute().Skip ?? (Screenshots.AreWanted ? null : "takes pictures: BROWSER_TESTS_SCREENSHOTS=folder ./test.sh");
}
