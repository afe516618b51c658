"""What is measured with: faces of FER2013, pictures made for the purpose, corruptions."""
