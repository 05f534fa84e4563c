using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Looks at the chain: is each entry as it was written, does each follow the one before,
/// and is it the chain that was sealed?</summary>
internal sealed class AuditVerification(Database database, AuditSeal seal)
{
    private const int Page = 5_000;

    /// <summary>Verifies all of it.</summary>
    public AuditVerdict Verify()
    {
        var verdict = Verify(from: null);
        // Pruning that went on meanwhile looks like a missing beginning; what is really missing is missing again.
        return verdict.Problem is null ? verdict : Verify(from: null);
    }

    /// <summary>Verifies what came since the last seal, which is where it had been found whole; all of it where there is none.</summary>
    public AuditVerdict VerifySinceSeal()
    {
        _ = TryRead(out var sealedAs);
        return Verify(from: sealedAs);
    }

    /// <summary>What is wrong with <paramref name="oldest"/>, the first entries that are kept; null where nothing is.</summary>
    public string? ProblemOf(IEnumerable<AuditEntry> oldest)
    {
        if (TryRead(out var sealedAs) is { } unreadable) return unreadable;
        var head = database.Read(ChainHead.Read);
        var walk = new Walk(head.OriginId, head.Origin, sealedAs, head);
        return oldest.Select(walk.Problem).FirstOrDefault(p => p is not null);
    }

    private AuditVerdict Verify(Sealed? from)
    {
        if (TryRead(out var sealedAs) is { } unreadable) return new(0, 0, unreadable);
        var head = database.Read(ChainHead.Read);
        if ((SealProblem(head, sealedAs) ?? OwnSealProblem(head, sealedAs)) is { } broken) return new(0, 0, broken);
        bool isPart = from is not null && from.LastId > head.OriginId;
        var walk = new Walk(isPart ? from!.LastId : 0, isPart ? from!.LastHash : head.Origin, sealedAs, head);
        const string select = $"""SELECT {AuditEntry.Columns} FROM "Audit" WHERE "Id">@p0 AND "Id"<=@p1 ORDER BY "Id" LIMIT @p2""";
        while (database.Read(s => s.All(select, AuditEntry.Read, walk.Last, head.LastId, Page)) is { Count: > 0 } page)
            foreach (var entry in page)
                if (walk.Problem(entry) is { } problem) return new(walk.Chained, walk.Unchained, problem);
        return new(walk.Chained, walk.Unchained, walk.EndProblem(isPart));
    }

    private static string? SealProblem(ChainHead head, Sealed? sealedAs)
    {
        if (sealedAs is null) return head.IsSealed ? "the seal is missing" : null;
        if (sealedAs.LastId > head.LastId) return $"entries after {head.LastId} were removed; {sealedAs.LastId} was sealed";
        return head.OriginId < sealedAs.OriginId || head.OriginId > sealedAs.PrunableTo
            ? $"entries up to {head.OriginId} were removed, which pruning had not come to" : null;
    }

    // A chain that was cut back and has grown again is longer than what this replica once sealed, and still not the same.
    private string? OwnSealProblem(ChainHead head, Sealed? sealedAs)
    {
        if (seal.Own is not { } own || own == sealedAs || own.LastId <= head.OriginId || own.LastId == 0) return null;
        string? hash =
            database.Read(s => s.First("""SELECT "Hash" FROM "Audit" WHERE "Id"=@p0""", r => Row.TextOrNull(r, 0) ?? "", own.LastId));
        return hash == own.LastHash
            ? null : $"entry {own.LastId} is not the one that this server sealed: the chain was cut back and made anew";
    }

    // The seal; what is wrong with it is the answer.
    private string? TryRead(out Sealed? sealedAs)
    {
        sealedAs = null;
        try
        {
            sealedAs = seal.Read();
            return null;
        }
        catch (CryptographicException)
        {
            return "the seal was not made by this server";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the seal cannot be read: {e.Message}";
        }
    }

    // One way along the chain.
    private sealed class Walk(long last, string previous, Sealed? sealedAs, ChainHead head)
    {
        private string previous = previous;
        private bool hasSeenSealed = sealedAs is null || sealedAs.LastId <= last || sealedAs.LastId <= head.OriginId;

        public long Last { get; private set; } = last;
        public long Chained { get; private set; }
        public long Unchained { get; private set; }

        public string? Problem(AuditEntry entry)
        {
            if (entry.Id == sealedAs?.LastId && (entry.Hash ?? "") != sealedAs.LastHash)
                return $"entry {entry.Id} is not the one that was sealed: the chain was made anew";
            if (entry.Hash is null && Chained == 0 && previous is "") Unchained++;
            else if (entry.Previous is null || entry.Hash is null || AuditEntry.HashOf(entry.Previous, entry.Id, entry.Said) != entry.Hash)
                return $"entry {entry.Id} was altered";
            else if (entry.Previous != previous)
                return $"entry {entry.Id} does not follow the one before it ({Last}): "
                    + "entries between them were removed, or their order was changed";
            else (previous, Chained) = (entry.Hash, Chained + 1);
            hasSeenSealed |= entry.Id == sealedAs?.LastId;
            Last = entry.Id;
            return null;
        }

        public string? EndProblem(bool isPart)
        {
            if (Chained > 0 && (Last != head.LastId || previous != head.LastHash))
                return $"entries after {Last} were removed; the last one was {head.LastId}";
            if (Chained == 0 && head.LastHash != (isPart ? previous : head.Origin)) return $"all entries up to {head.LastId} were removed";
            return hasSeenSealed ? null : $"entry {sealedAs!.LastId}, which was sealed, is not there";
        }
    }
}

/// <summary>What a verification found.</summary>
/// <param name="Entries">Entries of the chain that were found as they should be.</param>
/// <param name="Unchained">Entries from before there was a chain, of which nothing can be said.</param>
/// <param name="Problem">What is wrong, and where; null where nothing is.</param>
internal sealed record AuditVerdict(long Entries, long Unchained, string? Problem);
