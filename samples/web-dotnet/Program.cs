using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

// A web application whose people sign in at the token server: authorization code with PKCE, a cookie of its own, sign-out at both.
var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;
string server = settings["TOKENSERVER_URL"] ?? "http://localhost:5000";

builder.Services.AddHttpClient();
builder.Services.AddAuthorization();
builder.Services
    .AddAuthentication(options =>
    {
        options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
    })
    .AddCookie(options => options.Cookie.Name = "portal")
    .AddOpenIdConnect(options =>
    {
        options.Authority = server;
        // The demo speaks plain HTTP on this machine; a server in production has HTTPS, and this line goes.
        options.RequireHttpsMetadata = !new Uri(server).IsLoopback;
        options.ClientId = settings["CLIENT_ID"] ?? "portal";
        options.ClientSecret = settings["CLIENT_SECRET"] ?? "portal-demo-secret";
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = true;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.TokenValidationParameters.NameClaimType = "preferred_username";
        options.Scope.Clear();
        foreach (string scope in (string[])["openid", "profile", "email", "api"]) options.Scope.Add(scope);
        // What the person answered with Deny, or the server refused, comes back to this address: say it on a page.
        options.Events.OnRemoteFailure = failure =>
        {
            failure.HandleResponse();
            failure.Response.Redirect("/refused?error=" + Uri.EscapeDataString(failure.Failure?.Data["error"] as string ?? "failed"));
            return Task.CompletedTask;
        };
    });

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();

app.MapGet("/", (HttpContext http) => Page(http.User.Identity is { IsAuthenticated: true, Name: var name }
    ? $"""<p>Signed in as <b id="who">{Html(name)}</b>.</p><p><a href="/me">What is known of me</a> · <a href="/sign-out">Sign out</a></p>"""
    : """<p id="who">Nobody is signed in.</p><p><a href="/me">Sign in</a></p>"""));

app.MapGet("/me", async (HttpContext http, IHttpClientFactory clients) =>
{
    string claims = string.Join("", http.User.Claims.Select(c => $"<dt>{Html(c.Type)}</dt><dd>{Html(c.Value)}</dd>"));
    // The access token is for the API; here the server's own UserInfo endpoint stands for one.
    using var request = new HttpRequestMessage(HttpMethod.Get, server + "/connect/userinfo");
    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await http.GetTokenAsync("access_token"));
    using var answer = await clients.CreateClient().SendAsync(request);
    return Page($"""<dl id="claims">{claims}</dl><p id="api">The API answered {(int)answer.StatusCode}.</p>""");
}).RequireAuthorization();

app.MapGet("/sign-out", () => Results.SignOut(new AuthenticationProperties { RedirectUri = "/" },
    [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));

app.MapGet("/refused", (string? error) => Page($"""<p id="refused">The sign-in did not happen: {Html(error)}.</p><p><a href="/me">Try again</a></p>"""));

app.Run();

static string Html(string? text) => HtmlEncoder.Default.Encode(text ?? "");

static IResult Page(string body) =>
    Results.Content($"<!doctype html><html lang=en><meta charset=utf-8><title>Portal</title><h1>Portal</h1>{body}</html>", "text/html; charset=utf-8");
