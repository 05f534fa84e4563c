namespace TokenServer.Foundation;

/// <summary>How a face writes the errors that none of its endpoints wrote;
/// the longest prefix of the path decides which face it is.</summary>
/// <param name="Prefix">The face's part of the address, for example <c>/connect</c>.</param>
/// <param name="WriteAsync">Writes status, headers and body.</param>
internal sealed record ErrorShape(PathString Prefix, Func<HttpContext, Fault, Task> WriteAsync);

/// <summary>What went wrong outside an endpoint.</summary>
internal enum Fault { BadRequest, HttpsRequired, NotFound, MethodNotAllowed, UnsupportedMediaType, PayloadTooLarge, Internal, Unavailable }
