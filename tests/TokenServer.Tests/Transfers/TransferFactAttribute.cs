namespace TokenServer.Tests.Transfers;

/// <summary>A fact about moving from a database file to PostgreSQL: it needs both, whatever the other tests run on, and is done once.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TransferFactAttribute : FactAttribute
{
    public TransferFactAttribute() => Skip = Transferring.Skip;
}

/// <inheritdoc cref="TransferFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TransferTheoryAttribute : TheoryAttribute
{
    public TransferTheoryAttribute() => Skip = Transferring.Skip;
}
