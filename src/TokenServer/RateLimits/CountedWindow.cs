namespace TokenServer.RateLimits;

/// <summary>A window whose refusals are counted.</summary>
internal sealed class CountedWindow(IRateWindow window, Action refused) : IRateWindow
{
    public ValueTask<RateLease> LookAsync(string key) => window.LookAsync(key);

    public ValueTask<RateLease> TakeAsync(string key)
    {
        var taking = window.TakeAsync(key);
        return taking.IsCompletedSuccessfully ? new(Counted(taking.Result)) : AwaitAsync(taking);
    }

    private async ValueTask<RateLease> AwaitAsync(ValueTask<RateLease> taking) => Counted(await taking);

    private RateLease Counted(RateLease lease)
    {
        if (!lease.Allowed) refused();
        return lease;
    }
}
