using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>Where a sign-in may lead (RFC 9700 section 4.11.2): pages of this server, in no spelling anything else.</summary>
public sealed class ReturnPathTests
{
    [Theory]
    [InlineData("/account")]
    [InlineData("/account/apps")]
    [InlineData("/admin/clients?find=a")]
    [InlineData("/connect/authorize?client_id=web&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc")]
    [InlineData("/connect/verify")]
    [InlineData("/connect/verify?user_code=BCDF-GHJK")]
    [InlineData("/connect/endsession?client_id=web")]
    public void A_page_of_ours_is_gone_back_to(string path) => ReturnPath.Of(path).Should().Be(path);

    [Theory]
    [InlineData("https://evil.example/connect/authorize?x")]
    [InlineData("//evil.example/connect/authorize?x")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/connect/authorize\\@evil.example")]
    [InlineData("/connect/authorize@evil.example")]
    [InlineData("/connect/authorize/../../evil")]
    [InlineData("/connect/authorize.evil.example?x")]
    [InlineData("/connect/authorizer?x")]
    [InlineData("/connect/token?x")]
    [InlineData("/connect")]
    [InlineData("/connect//evil.example")]
    [InlineData("/Connect/Authorize?x")]
    [InlineData("/connect/authorize?x\r\nSet-Cookie: a=b")]
    [InlineData("/connect/authorize?x\nLocation: https://evil.example")]
    [InlineData("/connect/authorize?x y")]
    [InlineData("/connect/authorize?\t")]
    [InlineData("/connect/authorize?x\0")]
    [InlineData("/connect/authorize?\u2028")]
    [InlineData("/connect/verify#//evil.example\\")]
    [InlineData(" /connect/authorize?x")]
    [InlineData("%2Fconnect%2Fauthorize%3Fx")]
    [InlineData("%2F%2Fevil.example")]
    [InlineData("connect/authorize?x")]
    [InlineData("javascript:alert(1)//connect/authorize?x")]
    [InlineData("data:text/html,x")]
    [InlineData("/account\\evil")]
    [InlineData("")]
    [InlineData(null)]
    public void Anything_else_is_the_accounts_first_page(string? path) => ReturnPath.Of(path).Should().Be("/account");

    [Fact]
    public void Nor_is_one_that_no_page_of_ours_is_as_long_as() =>
        ReturnPath.Of("/connect/authorize?" + new string('x', 2000)).Should().Be("/account");
}
