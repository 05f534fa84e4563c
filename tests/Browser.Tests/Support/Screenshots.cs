namespace Browser.Tests.Support;

/// <summary>Pictures for somebody to look at, in the folder that <c>BROWSER_TESTS_SCREENSHOTS</c> names, else beside the tests.</summary>
internal static class Screenshots
{
    private static readonly string Folder =
        Environment.GetEnvironmentVariable("BROWSER_TESTS_SCREENSHOTS") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "screenshots");

    public static async Task TakeAsync(IPage page, string name)
    {
        byte[] picture = await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name}.png"), FullPage = true });
        picture.Should().NotBeEmpty();
    }
}
