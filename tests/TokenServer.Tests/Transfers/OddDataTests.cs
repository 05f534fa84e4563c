using TokenServer.Tests.Support;

namespace TokenServer.Tests.Transfers;

/// <summary>What a database file may hold and PostgreSQL takes otherwise, or not at all.</summary>
public sealed class OddDataTests
{
    // Texts with a zero character, with half a surrogate pair and beyond the first plane; the first and the last moments; tables that Identity has and nobody uses.
    private const string Fill = """
        UPDATE "AspNetUsers" SET "Name"='a' || char(0) || 'b', "CreatedAt"='0001-01-01 00:00:00', "LastLogin"='9999-12-31 23:59:59.9999999', "LockoutEnd"='0001-01-01 00:00:00+00:00' WHERE "UserName"='jane';
        UPDATE "AspNetUsers" SET "Name"=CAST(X'41EDA08042' AS TEXT), "CreatedAt"='2026-02-28 23:59:59.1234567', "LockoutEnd"='2026-02-28 23:59:59.1234567+00:00' WHERE "UserName"='bob';
        UPDATE "AspNetUsers" SET "Name"='😀 "quoted" \' || char(10, 13, 9), "PhoneNumber"='' WHERE "UserName"='john';
        INSERT INTO "AspNetUserClaims" ("UserId", "ClaimType", "ClaimValue") VALUES (1, 'department', 'north');
        INSERT INTO "AspNetUserLogins" ("LoginProvider", "ProviderKey", "UserId") VALUES ('elsewhere', '1', 1);
        INSERT INTO "AspNetUserTokens" ("UserId", "LoginProvider", "Name") VALUES (1, 'elsewhere', 'refresh');
        INSERT INTO "Tunnels" ("AccountId", "Name", "NormalizedName", "TokenId", "TokenHash", "TokenHint", "CreatedAt", "TokenCreatedAt") VALUES (1, 'n', 'N', 9223372036854775807, '', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00');
        SELECT 1
        """;

    [TransferFact]
    public async Task Odd_texts_and_times_arrive_and_users_sign_in()
    {
        await using var transfer = await Transferring.CreateAsync();
        transfer.AskSource(Fill);
        var (code, output) = await transfer.RunAsync();
        code.Should().Be(0, output);
        (await NameAsync(transfer, "jane")).Should().StartWith("a").And.NotContain("\0");
        (await NameAsync(transfer, "bob")).Should().StartWith("A\ufffd").And.EndWith("B");
        (await NameAsync(transfer, "john")).Should().Be("😀 \"quoted\" \\\n\r\t");
        (await transfer.AskAsync("""SELECT "LastLogin"='9999-12-31 23:59:59.999999Z' AND "CreatedAt"<'0001-01-02Z' FROM "AspNetUsers" WHERE "UserName"='jane'""")).Should().Be("True");
        (await transfer.AskAsync("""SELECT "CreatedAt"='2026-02-28 23:59:59.123456Z' AND "LockoutEnd"="CreatedAt" FROM "AspNetUsers" WHERE "UserName"='bob'""")).Should().Be("True");
        (await transfer.AskAsync("""SELECT "ClaimValue" FROM "AspNetUserClaims" WHERE "UserId"=1""")).Should().Be("north");
        await using var target = await transfer.StartTargetAsync();
        foreach (string user in (string[])["jane", "bob"]) (await target.SignInAsync(user: user)).Status.Should().Be(200);
    }

    private static Task<string> NameAsync(Transferring transfer, string user) => transfer.AskAsync($"""SELECT "Name" FROM "AspNetUsers" WHERE "UserName"='{user}'""");
}
