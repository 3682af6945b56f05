"""Ways a student reaches AskSafe. Each makes a `Message` and renders a `SealedReply`."""
