using FsCheck;
using FsCheck.Fluent;

namespace TokenServer.Tests.Connect.Remembered;

/// <summary>One step of a sequence: a request, or a change of what a decision may hang on.</summary>
internal abstract record Step
{
    /// <summary>What is asked after every change, so that there is always a decision for the next one to end.</summary>
    public static readonly Step[] Always =
    [
        new AskToken("worker", Remembered.Secret.Right, Remembered.Spelling.Basic, "api"),
        new AskIntrospection("resource", Remembered.Secret.Right, Remembered.Spelling.Basic, "own"),
        new AskIntrospection("resource", Remembered.Secret.Right, Remembered.Spelling.Basic, "user"),
    ];

    private static readonly Gen<string> Client = Gen.Elements(World.Clients);
    private static readonly Gen<Secret> Secret = Gen.Frequency((8, Gen.Constant(Remembered.Secret.Right)),
        (1, Gen.Constant(Remembered.Secret.First)), (1, Gen.Constant(Remembered.Secret.Wrong)));
    private static readonly Gen<Spelling> Spelling = Gen.Elements(Enum.GetValues<Spelling>());

    private static readonly Gen<Step> Token =
        from client in Gen.Elements("worker", "worker", "opaque", "web")
        from secret in Secret
        from spelling in Spelling
        from scope in Gen.Elements("", "api", "own", "api own", "openid")
        select (Step)new AskToken(client, secret, spelling, scope);

    private static readonly Gen<Step> Introspection =
        from client in Client
        from secret in Secret
        from spelling in Spelling
        from token in Gen.Elements(World.Tokens)
        select (Step)new AskIntrospection(client, secret, spelling, token);

    // Most of a client's changes end every decision, so they are fewer; new keys take as long to make as a whole sequence takes.
    private static readonly Gen<Step> Changed =
        from kind in Gen.Frequency(Enum.GetValues<Change>().Select(c => (WeightOf(c), Gen.Constant(c))))
        from client in Client
        from token in Gen.Elements(World.Tokens)
        select (Step)new MakeChange(kind, client, token);

    public static Gen<Step> Any => Gen.Frequency((5, Token), (9, Introspection), (7, Changed));

    private static int WeightOf(Change change) => change switch
    {
        Change.AllKeysReplaced or Change.ClientRevoked => 2,
        < Change.KeyRotated => 3,
        Change.TokensRenewed => 12,
        _ => 6,
    };
}

/// <summary>A request for a token of the client's own.</summary>
internal sealed record AskToken(string Client, Secret Secret, Spelling Spelling, string Scope) : Step;

/// <summary>A request for what a token is.</summary>
internal sealed record AskIntrospection(string Client, Secret Secret, Spelling Spelling, string Token) : Step;

/// <summary>A change; those of a client or a token are of the ones named.</summary>
internal sealed record MakeChange(Change Change, string Client, string Token) : Step;

/// <summary>Which secret a client shows: its present one, the one it was registered with, or none of its own.</summary>
internal enum Secret { Right, First, Wrong }

/// <summary>How a request is written.</summary>
internal enum Spelling { Basic, Post, Reordered, WithCharset, BesideAnother, Proven, Forged }

/// <summary>What changes.</summary>
internal enum Change
{
    SecretRotated, SecretRotatedAndKept, OldSecretEnded, ClientRevoked, ClientRestored, ClientsScopes, ClientsAudiences, ClientsPermission, ClientsLifetime, ClientsFormat, ClientsBinding,
    ScopeGoneOrBack, KeyRotated, AllKeysReplaced, SessionEnded, TokenRevoked, UserRenamed, UserDisabledOrEnabled,
    TwentyMinutes, TwoHours, TokensRenewed,
}

/// <summary>What is done one after another.</summary>
internal sealed record Sequence(Step[] Steps)
{
    private const int Length = 25;

    public static Arbitrary<Sequence> Any => Arb.From(Gen.ArrayOf(Step.Any, Length).Select(steps => new Sequence(steps)), Shorter);

    public override string ToString() => string.Concat(Steps.Select((step, index) => $"\n  {index + 1}. {step}"));

    // Without one half of it, a quarter, … , a step.
    private static IEnumerable<Sequence> Shorter(Sequence all)
    {
        for (int size = (all.Steps.Length + 1) / 2; size > 0; size /= 2)
        {
            for (int from = 0; from < all.Steps.Length && size < all.Steps.Length; from += size)
                yield return new([.. all.Steps[..from], .. all.Steps.Skip(from + size)]);
        }
    }
}
