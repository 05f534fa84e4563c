namespace InstallLifecycle;

/// <summary>Records what was refused, before it is answered. Anybody can be refused, so an address fills no more than 60 entries a minute,
/// and all together 600; the last of them says that more may follow unrecorded.</summary>
internal sealed class Refusals(IInstallStorage storage, TimeProvider clock)
{
    private const int PerMinute = 60, OfAllPerMinute = 600;
    // The framework's limiters by key wake the process ten times a second, for as long as it lives.
    private readonly Dictionary<string, int> ofAddress = [];
    private int ofAll;
    private DateTime minute;

    /// <summary>Passes <paramref name="outcome"/> on; records it first if it is a refusal.</summary>
    /// <param name="step">Which step it was.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="outcome">What it came to.</param>
    /// <param name="target">To which activation or server it was said to be.</param>
    public async Task<Outcome<T>> RecordAsync<T>(string step, Caller caller, Outcome<T> outcome, string? target = null) where T : class
    {
        // What a stranger made up is no name of anything.
        if (outcome.Error is { } error)
            await RecordAsync(step, caller, error.Code, error == InstallError.ActivationNotFound ? null : target);
        return outcome;
    }

    /// <summary>Records that <paramref name="step"/> was refused with <paramref name="code"/>.</summary>
    public async Task RecordAsync(string step, Caller caller, string code, string? target = null)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (!Count(caller.AddressKey, now, out string last)) return;
        await storage.WriteAsync((_, events) =>
        {
            events.Record(new InstallEvent("install.refused", now, target, caller, $"{step}: {code}{last}"));
            return true;
        });
    }

    // Whether it is to be recorded, and what its entry adds if it is the last.
    private bool Count(string address, DateTime now, out string last)
    {
        last = "";
        lock (ofAddress)
        {
            if (now - minute >= TimeSpan.FromMinutes(1) || now < minute)
            {
                ofAddress.Clear();
                (minute, ofAll) = (now, 0);
            }
            int number = ofAddress.GetValueOrDefault(address) + 1;
            if (number > PerMinute || ofAll == OfAllPerMinute) return false;
            ofAddress[address] = number;
            if (++ofAll == OfAllPerMinute) last = "; more refusals within a minute, of any address, are not recorded";
            else if (number == PerMinute) last = "; more refusals of this address within a minute are not recorded";
            return true;
        }
    }
}
