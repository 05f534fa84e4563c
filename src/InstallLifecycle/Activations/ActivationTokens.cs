using InstallLifecycle.HostKeys;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Activations;

/// <summary>The tokens of an activation: whether the precheck's, with its proof, and the install's are good, and how long the install's
/// lives.</summary>
internal sealed class ActivationTokens(InstallKeys keys, InstallTokens tokens,
    HostKeyProofs proofs, InstallLifecycleOptions options, TimeProvider clock)
{
    // Else repeats would keep an install alive, and its server, that is never confirmed.
    private static readonly TimeSpan LongestInstall = TimeSpan.FromHours(1);

    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The keys as they are in this transaction.</summary>
    public KeySet Read(IInstallStatements s) => keys.Read(s);

    /// <inheritdoc cref="InstallKeys.ReadOrMake"/>
    public KeySet ReadOrMake(IInstallStatements s, IInstallEvents events) => keys.ReadOrMake(s, events);

    /// <summary>The challenge that <paramref name="request"/>'s signature answers, if it does. To verify one takes time, which the
    /// one writer has not; so this is asked before.</summary>
    public string? FindProof(KeySet keySet, ActivateRequest request) => request.SshSignature is { Length: > 0 } signature
        && proofs.AreOffered && tokens.Read(keySet, InstallKeys.Precheck, request.PrecheckToken).Token?.Challenge is { } challenge
        && HostKeyProofs.IsGood(challenge, request.Machine, signature) ? challenge : null;

    /// <summary>Why the precheck token, or the proof that it asks for, is not good for <paramref name="code"/>; null where both
    /// are.</summary>
    public InstallError? RefusePrecheck(KeySet keySet, ActivateRequest request, CodeRow code, ActivationRow? live, string? proof)
    {
        var (token, hasExpired) = tokens.Read(keySet, InstallKeys.Precheck, request.PrecheckToken);
        // Bound to no machine, the code has been released since: every precheck token of it is dead.
        if (token is null || token.CodeId != code.Id || token.Binding != code.Binding || code.MachineId is null)
            return InstallError.PrecheckTokenInvalid;
        if (hasExpired) return InstallError.PrecheckTokenExpired;
        // What was begun with a proof is not repeated without.
        bool isToProve = proofs.AreRequired || proofs.AreOffered && (token.Challenge is not null || live?.HostKeyProven == true);
        return isToProve && (token.Challenge is null || token.Challenge != proof) ? InstallError.HostKeyProofInvalid : null;
    }

    /// <summary>Why <paramref name="text"/> is not the activation's install token; null where it is.</summary>
    public InstallError? RefuseInstall(IInstallStatements s, string text, ActivationRow activation)
    {
        var (token, hasExpired) = tokens.Read(keys.Read(s), InstallKeys.Install, text);
        return token is null || token.Subject != activation.ActivationId
            ? InstallError.InstallTokenInvalid : hasExpired ? InstallError.InstallTokenExpired : null;
    }

    /// <summary>The live activation whose install token <paramref name="text"/> is; null where it is none's.</summary>
    public ActivationRow? FindInstall(IInstallStatements s, string text) =>
        OwnerOf(s, text) is { Status: ActivationRow.Activated } activation ? activation : null;

    /// <summary>The activation whose install token <paramref name="text"/> is, whatever has become of it; null where it is none's, or its
    /// time is over.</summary>
    public ActivationRow? OwnerOf(IInstallStatements s, string text) =>
        tokens.Read(keys.Read(s), InstallKeys.Install, text) is { Token: { } token, HasExpired: false }
            ? StoredActivations.Find(s, token.Subject) : null;

    /// <summary>Signs an install token of an activation that began at <paramref name="activatedAt"/>.</summary>
    public SignedToken Sign(KeySet keySet, CodeRow code, string activationId, DateTime activatedAt, DateTime now)
    {
        var left = activatedAt + LongestInstall - now;
        return tokens.Sign(keySet, InstallKeys.Install, code.Id, code.Binding, activationId,
            left < options.InstallTokenLifetime ? left : options.InstallTokenLifetime);
    }
}
