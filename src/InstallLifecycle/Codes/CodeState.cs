using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Codes;

/// <summary>How things stand for a code, in the order in which the contract has that asked: known, alive, this machine's.</summary>
internal static class CodeState
{
    /// <summary>The code's row, and its activation while that is neither confirmed nor ended.</summary>
    public static (CodeRow? Code, ActivationRow? Activation) Find(IInstallStatements s, KeySet keys, InstallCode? code)
    {
        var row = InstallCodes.Find(s, keys, code);
        return (row, row is { Status: CodeRow.Activated } ? StoredActivations.Live(s, row.Id) : null);
    }

    /// <summary>Why <paramref name="machine"/> may do nothing with the code; null where it may.</summary>
    public static InstallError? Refuse(CodeRow? code, ActivationRow? activation, Machine machine, DateTime now)
    {
        if (code is null) return InstallError.InstallCodeInvalid;
        if (code.Status == CodeRow.Revoked) return InstallError.InstallCodeRevoked;
        if (HasExpired(code, activation, now)) return InstallError.InstallCodeExpired;
        bool isBoundElsewhere = code.MachineId is not null && machine != new Machine(code.MachineId, code.SshFingerprint!);
        return isBoundElsewhere ? InstallError.MachineMismatch : null;
    }

    // The job that writes it down may not have run yet.
    private static bool HasExpired(CodeRow code, ActivationRow? activation, DateTime now) => code.Status switch
    {
        CodeRow.Expired => true,
        CodeRow.Issued or CodeRow.Prechecked => code.HasRunOut(now),
        CodeRow.Activated => activation is null || activation.HasRunOut(now),
        _ => false,
    };
}
