using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using TokenServer.Accounts.Passkeys;

namespace TokenServer.SignIns;

/// <summary>The two ceremonies of WebAuthn (Level 3, sections 7.1 and 7.2), by ASP.NET Core Identity's handler: user verification and a
/// discoverable credential are demanded, attestation is not (docs/decisions/0040).</summary>
internal sealed class WebAuthentication : IWebAuthentication
{
    // The handler hands it on to callbacks, of which ours asks it nothing.
    private static readonly HttpContext Nothing = new DefaultHttpContext();

    public async Task<(string Options, string State)> AskToMakeAsync(
        RelyingParty party, PasskeyOwner owner, string name, string display)
    {
        using var accounts = Accounts(owner);
        var user = new PasskeyUserEntity { Id = owner.Subject, Name = name, DisplayName = display };
        var made = await Handler(accounts, party).MakeCreationOptionsAsync(user, Nothing);
        return (made.CreationOptionsJson, made.AttestationState!);
    }

    public async Task<(string Options, string State)> AskToShowAsync(RelyingParty party, PasskeyOwner? owner)
    {
        using var accounts = Accounts(owner ?? new("", []));
        var asked = await Handler(accounts, party).MakeRequestOptionsAsync(owner, Nothing);
        return (asked.RequestOptionsJson, asked.AssertionState!);
    }

    public async Task<MadePasskey?> TakeMadeAsync(ShownPasskey shown, PasskeyOwner owner, string state)
    {
        using var accounts = Accounts(owner);
        var result = await Handler(accounts, shown.Party).PerformAttestationAsync(
            new() { HttpContext = Nothing, CredentialJson = shown.Credential, AttestationState = state });
        if (!result.Succeeded || result.UserEntity.Id != owner.Subject) return null;
        var made = result.Passkey;
        return new(made.CredentialId, made.PublicKey, made.SignCount, made.IsBackupEligible, made.Transports ?? []);
    }

    public async Task<uint?> TakeShownAsync(ShownPasskey shown, PasskeyOwner owner, string state)
    {
        using var accounts = Accounts(owner);
        var result = await Handler(accounts, shown.Party).PerformAssertionAsync(
            new() { HttpContext = Nothing, CredentialJson = shown.Credential, AssertionState = state });
        return result.Succeeded ? result.Passkey.SignCount : null;
    }

    private static UserManager<PasskeyOwner> Accounts(PasskeyOwner owner) =>
        new(new OneOwner(owner), null!, null!, null!, null!, null!, null!, null!, null!);

    private static PasskeyHandler<PasskeyOwner> Handler(UserManager<PasskeyOwner> accounts, RelyingParty party) =>
        new(accounts, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = party.Id, UserVerificationRequirement = "required", ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
            ValidateOrigin = asked => new(asked is { CrossOrigin: false } && asked.Origin == party.Origin),
        }));
}
