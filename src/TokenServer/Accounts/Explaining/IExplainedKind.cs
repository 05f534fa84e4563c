namespace TokenServer.Accounts.Explaining;

/// <summary>A kind of what this server gives out, that tells of any text of its own what it is and which checks it fails. Telling is no
/// use: nothing is written.</summary>
internal interface IExplainedKind
{
    /// <summary>Whether a text looks like one.</summary>
    bool Recognizes(string text);

    /// <summary>What it is; null where a closer look shows that it is none.</summary>
    TokenFacts? Explain(string text);
}
