using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.Sessions;
using TokenServer.SignIns;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Connect.Authorize;

/// <summary>What is to be done for an authorization request as things stand (OpenID Connect Core section 3.1.2.3, contract section 9). It
/// is asked from the beginning whenever a browser comes with the request, so every step may be on another replica, or be made
/// twice.</summary>
internal sealed class NextStep(Consents consents, TimeProvider clock)
{
    /// <param name="asked">The request.</param>
    /// <param name="hinted">The account that the client takes the person for; null where it does not say.</param>
    /// <param name="visitor">Who is signed in; null where nobody is.</param>
    public Step Of(AuthorizationRequest asked, string? hinted, Visitor? visitor)
    {
        if (visitor is not var (account, session)) return Step.SignIn;
        if (asked.IsDeniedBy(session.Id)) return Step.Denied;
        if (hinted is not null && hinted != account.Subject) return Step.ChooseAccount;
        bool isNew = asked.IsSignedInFor(session);
        if (asked.Prompt.Contains(PromptValues.SelectAccount) && !isNew && !asked.IsChosenBy(session.Id)) return Step.ChooseAccount;
        if (!isNew && (asked.Prompt.Contains(PromptValues.Login) || IsTooOld(asked, session))) return Step.SignInAgain;
        if (!AdminRoles.MayHave(account.Role, asked.Scopes)) return Step.NotAllowed;
        if (WantsSecondFactor(asked) && !session.HasSecondFactor) return Step.SecondFactor;
        return IsAllowed(asked, account.Id, session.Id) ? Step.Grant : Step.Consent;
    }

    private bool IsTooOld(AuthorizationRequest asked, OpenSession session) =>
        asked.MaxAge is { } most && (clock.GetUtcNow().UtcDateTime - session.AuthTime).TotalSeconds > most;

    // Any of the values will do, and every sign-in has the password's.
    private static bool WantsSecondFactor(AuthorizationRequest asked) => ScopeSet.Parse(asked.AcrValues) is var values
        && values.Contains(AuthenticationContext.MultiFactor) && !values.Contains(AuthenticationContext.Password);

    private bool IsAllowed(AuthorizationRequest asked, int accountId, long signInId)
    {
        bool isAnew = asked.Prompt.Contains(PromptValues.Consent) || asked.Client.ConsentType == ConsentTypes.Systematic;
        return isAnew ? asked.IsAllowedBy(signInId) && consents.Cover(accountId, asked.Client, asked.Scopes, wasAsked: true)
            : consents.Cover(accountId, asked.Client, asked.Scopes);
    }
}

/// <summary>A step of a sign-in for a client.</summary>
internal enum Step { Grant, SignIn, SignInAgain, ChooseAccount, SecondFactor, Consent, NotAllowed, Denied }
