// What any page can do with the widget's JavaScript API.

document.getElementById("ask").addEventListener("click", () => window.CarTAssistant.open());
