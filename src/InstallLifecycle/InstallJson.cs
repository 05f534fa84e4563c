using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using InstallLifecycle.Activations;
using InstallLifecycle.Codes;
using InstallLifecycle.Health;
using InstallLifecycle.Precheck;
using InstallLifecycle.Receipts;
using InstallLifecycle.Servers;
using InstallLifecycle.Watching;

namespace InstallLifecycle;

/// <summary>How requests and answers are read and written: snake_case, times as <c>2026-03-31T12:05:00+00:00</c>, a member once.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(IssuedCode))]
[JsonSerializable(typeof(PrecheckBody))]
[JsonSerializable(typeof(Prechecked))]
[JsonSerializable(typeof(ActivateBody))]
[JsonSerializable(typeof(Activated))]
[JsonSerializable(typeof(ConfirmBody))]
[JsonSerializable(typeof(ReleaseBody))]
[JsonSerializable(typeof(Confirmed))]
[JsonSerializable(typeof(Released))]
[JsonSerializable(typeof(ReceiptAnswer))]
[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(CheckinBody))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(Registered))]
[JsonSerializable(typeof(CheckedIn))]
[JsonSerializable(typeof(RevokedServer))]
[JsonSerializable(typeof(ServerStatus))]
[JsonSerializable(typeof(PlainStatus))]
[JsonSerializable(typeof(ServerError))]
[JsonSerializable(typeof(StepEvents))]
internal sealed partial class InstallJson : JsonSerializerContext
{
    /// <summary>Writes + as +; the answers are JSON, never part of a page.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>The one context that is used.</summary>
    public static readonly InstallJson Wire = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = Encoder,
        AllowDuplicateProperties = false, MaxDepth = 8, Converters = { new Seconds() },
    });

    private sealed class Seconds : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("no request carries a time");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", CultureInfo.InvariantCulture));
    }
}
