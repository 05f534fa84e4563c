namespace TokenServer.Commands;

/// <summary>Reads a secret from standard input: a line of it, or, from a terminal, what is typed unseen.</summary>
internal static class SecretInput
{
    /// <summary>The secret; null where there is none.</summary>
    public static string? Read(string prompt)
    {
        if (Console.IsInputRedirected) return ReadLine();
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && typed.Length > 0) typed.Length--;
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.Length == 0 ? null : typed.ToString();
    }

    // What is replaced unseen could never be typed again.
    private static string? ReadLine()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return input.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw new IOException("Standard input is not UTF-8", e);
        }
    }
}
