using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Appends what was refused to a caller whom no other limit holds: an address fills no more than 30 entries a minute here, and all
/// together 300, the last of which says that more may follow unrecorded. What is beyond costs no statement.</summary>
internal sealed class BoundedRefusals(Database database, TimeProvider clock)
{
    private const int PerMinute = 30, OfAllPerMinute = 300;
    private const string OfAddress = "; more refusals of this address within a minute are not recorded",
        OfAny = "; more refusals within a minute, of any address, are not recorded";
    private readonly Dictionary<string, int> ofAddress = [];
    private int ofAll;
    private DateTime minute;

    /// <summary>Appends an entry, if it is within the bounds; its detail begins with the reason.</summary>
    /// <param name="key">The address, or the network of it that counts as one.</param>
    /// <param name="happened">The entry, with a detail.</param>
    public async Task AppendAsync(string key, AuditEvent happened)
    {
        if (Count(key, out string last))
            await database.WriteAsync(s => AuditTrail.Append(s, happened with { Detail = happened.Detail + last }));
    }

    private bool Count(string key, out string last)
    {
        last = "";
        DateTime now = clock.GetUtcNow().UtcDateTime;
        lock (ofAddress)
        {
            if (now - minute >= TimeSpan.FromMinutes(1) || now < minute)
            {
                ofAddress.Clear();
                (minute, ofAll) = (now, 0);
            }
            int number = ofAddress.GetValueOrDefault(key) + 1;
            if (number > PerMinute || ofAll == OfAllPerMinute) return false;
            ofAddress[key] = number;
            if (++ofAll == OfAllPerMinute) last = OfAny;
            else if (number == PerMinute) last = OfAddress;
            return true;
        }
    }
}
